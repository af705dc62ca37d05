package dev.orrery.kernels.norm;

import dev.orrery.kernels.backend.Kernel;
import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.tensor.Check;
import dev.orrery.kernels.tensor.Tensor;

/**
 * Group norm with an affine transform and an activation on top: {@code out[n, p, c] =
 * activation((x[n, p, c] - mean) / sqrt(var + eps) * weight[c] + bias[c])}, mean and (biased)
 * variance over the P positions and the C / G channels of c's group, for each n alone. {@code out}
 * may be {@code x}.
 *
 * <p>Shapes: {@code x, out [N, P, C]}, channels last, P the pixels of one picture or of all frames
 * of a video; {@code weight, bias [C]}; C a multiple of G {@code groups}, each of which is C / G
 * consecutive channels.
 *
 * <p>Errors: {@link IllegalArgumentException} for a shape or dtype that does not fit, and for
 * groups that do not divide the channels.
 *
 * <p>Precision: the variance is that of deviations from a mean, never the difference of large sums;
 * values whose mean is a thousand times their spread are normalised as well as others.
 *
 * <p>Source: Wu and He, Group Normalization, equations 1 to 3 and 7, with eps inside the root.
 */
public interface GroupNorm extends Kernel {
  default void run(
      Tensor x,
      int groups,
      Tensor weight,
      Tensor bias,
      double eps,
      Activation activation,
      Tensor out) {
    Check.activation("x", x, 3, this::accepts);
    Check.multiple("channels of x", x.size(2), "groups", groups);
    Check.weight("weight", weight, x.size(2));
    Check.weight("bias", bias, x.size(2));
    Check.tensor("out", out, x.dtype(), x.shape().extents());
    launch(x, groups, weight, bias, eps, activation, out);
  }

  /** Implemented by backends; arguments are checked. */
  void launch(
      Tensor x,
      int groups,
      Tensor weight,
      Tensor bias,
      double eps,
      Activation activation,
      Tensor out);
}
