package dev.orrery.model.layers;

import dev.orrery.kernels.norm.LayerNormModulate;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.runtime.memory.Workspace;

/** Adaptive layer norm: {@code norm(x) * (1 + scale) + shift}, without weights of its own. */
public final class AdaptiveLayerNorm {
  private final double eps;
  private final LayerNormModulate layerNormModulate;

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
