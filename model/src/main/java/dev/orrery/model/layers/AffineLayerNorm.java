package dev.orrery.model.layers;

import dev.orrery.kernels.norm.LayerNorm;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.runtime.memory.Workspace;

/** Layer norm with a weight and a bias for each channel. */
public final class AffineLayerNorm {
  private final Tensor weight;
  private final Tensor bias;
  private final double eps;
  private final LayerNorm layerNorm;

  /**
   * A norm with {@code weight [dim]} and {@code bias [dim]}.
   *
   * @param eps added to variances under the root
   */
  public AffineLayerNorm(Parameters p, int dim, double eps) {
    this(p, "weight", dim, eps);
  }

  /**
   * A norm whose weight has another name.
   *
   * @param eps added to variances under the root
   */
  public AffineLayerNorm(Parameters p, String weightName, int dim, double eps) {
    weight = p.get(weightName, dim);
    bias = p.get("bias", dim);
    this.eps = eps;
    layerNorm = p.kernel(LayerNorm.class);
  }

  /** {@code x [T, C]}, normalised. */
  public Tensor forward(Tensor x, Workspace.Frame frame) {
    Tensor out = frame.like(x);
    into(x, out);
    return out;
  }

  /** {@code x [T, C]} to {@code out [T, C]}, which may be x. */
  public void into(Tensor x, Tensor out) {
    layerNorm.run(x, weight, bias, eps, out);
  }
}
