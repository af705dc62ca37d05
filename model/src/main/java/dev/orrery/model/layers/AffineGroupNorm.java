package dev.orrery.model.layers;

import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.norm.GroupNorm;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.runtime.memory.Workspace;

/** Group norm of pictures, with a weight and a bias for each channel and an activation on top. */
public final class AffineGroupNorm {
  private final int groups;
  private final Tensor weight;
  private final Tensor bias;
  private final double eps;
  private final Activation activation;
  private final GroupNorm groupNorm;

  /**
   * A norm with {@code weight [channels]} and {@code bias [channels]}.
   *
   * @param groups a divisor of the channels
   * @param eps added to variances under the root
   */
  public AffineGroupNorm(
      Parameters p, int channels, int groups, double eps, Activation activation) {
    this.groups = groups;
    weight = p.get("weight", channels);
    bias = p.get("bias", channels);
    this.eps = eps;
    this.activation = activation;
    groupNorm = p.kernel(GroupNorm.class);
  }

  /** {@code x [N, Y, X, C]}, each picture normalised by itself. */
  public Tensor forward(Tensor x, Workspace.Frame frame) {
    Tensor out = frame.like(x);
    into(x, out);
    return out;
  }

  /** {@code x [N, Y, X, C]} to {@code out [N, Y, X, C]}, which may be x. */
  public void into(Tensor x, Tensor out) {
    groupNorm.run(positions(x), groups, weight, bias, eps, activation, positions(out));
  }

  private static Tensor positions(Tensor x) {
    return x.reshape(x.size(0), (long) x.size(1) * x.size(2), x.size(3));
  }
}
