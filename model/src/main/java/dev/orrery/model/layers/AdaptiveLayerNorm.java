package dev.orrery.model.layers;

import dev.orrery.kernels.norm.LayerNormModulate;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.runtime.memory.Workspace;

/** Adaptive layer norm: {@code norm(x) * (1 + scale) + shift}, without weights of its own. */
public final class AdaptiveLayerNorm {
  private final double eps;
  private final LayerNormModulate layerNormModulate;

  /**
   * What the conditioning of each latent frame says to one layer: {@code x + gate * layer(norm(x) *
   * (1 + scale) + shift)}.
   *
   * @param shift {@code [F, C]}, fp32
   * @param scale {@code [F, C]}, fp32
   * @param gate {@code [F, C]}, fp32; null for a layer without a residual, such as a head
   */
  public record ShiftScaleGate(Tensor shift, Tensor scale, Tensor gate) {}

  /**
   * @param eps added to variances under the root
   */
  public AdaptiveLayerNorm(Parameters p, double eps) {
    this.eps = eps;
    layerNormModulate = p.kernel(LayerNormModulate.class);
  }

  /** {@code x [T, C]}, normalised and modulated. */
  public Tensor forward(Tensor x, ShiftScaleGate modulation, Workspace.Frame frame) {
    Tensor out = frame.like(x);
    into(x, modulation, out);
    return out;
  }

  /** {@code x [T, C]} to {@code out [T, C]}, which may be x. */
  public void into(Tensor x, ShiftScaleGate modulation, Tensor out) {
    layerNormModulate.run(x, modulation.shift(), modulation.scale(), eps, out);
  }
}
