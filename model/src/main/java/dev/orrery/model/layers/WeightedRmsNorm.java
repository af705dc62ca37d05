package dev.orrery.model.layers;

import dev.orrery.kernels.norm.RmsNorm;
import dev.orrery.kernels.position.RmsNormRope;
import dev.orrery.kernels.position.RmsNormRope.Span;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.runtime.memory.Workspace;

/** RMS norm with a weight for each channel. */
public final class WeightedRmsNorm {
  private final Tensor weight;
  private final double eps;
  private final RmsNorm rmsNorm;
  private final RmsNormRope rmsNormRope;

  /**
   * A norm with {@code weight [dim]}.
   *
   * @param eps added to mean squares under the root
   */
  public WeightedRmsNorm(Parameters p, int dim, double eps) {
    weight = p.get("weight", dim);
    this.eps = eps;
    rmsNorm = p.kernel(RmsNorm.class);
    rmsNormRope = p.kernel(RmsNormRope.class);
  }

  /** {@code x [T, C]}, normalised. */
  public Tensor forward(Tensor x, Workspace.Frame frame) {
    Tensor out = frame.like(x);
    into(x, out);
    return out;
  }

  /** {@code x [T, C]} to {@code out [T, C]}, which may be x. */
  public void into(Tensor x, Tensor out) {
    rmsNorm.run(x, weight, eps, out);
  }

  /**
   * Normalises {@code x [T, H, D]} over all heads of a token and rotates it, in place.
   *
   * @param rotary see {@link RmsNormRope}
   */
  public void rotate(Tensor x, Tensor rotary) {
    rmsNormRope.run(x, Span.TOKEN, weight, eps, rotary, x);
  }
}
