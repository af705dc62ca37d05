package dev.orrery.kernels.norm;

import dev.orrery.kernels.backend.Kernel;
import dev.orrery.kernels.tensor.Check;
import dev.orrery.kernels.tensor.Tensor;

/**
 * Root-mean-square norm of every row: {@code out[r, c] = x[r, c] / sqrt(mean_j(x[r, j]^2) + eps) *
 * weight[c]}. Without a weight the factor is one. {@code out} may be {@code x}.
 *
 * <p>Shapes: {@code x, out [R, C]}, {@code weight [C]} or null. A norm per head is the same with R
 * counting heads.
 *
 * <p>Errors: {@link IllegalArgumentException} for a shape or dtype that does not fit.
 *
 * <p>Source: Zhang and Sennrich, Root Mean Square Layer Normalization, equation 4, with eps inside
 * the root.
 */
public interface RmsNorm extends Kernel {
  default void run(Tensor x, Tensor weight, double eps, Tensor out) {
    Check.activation("x", x, 2, this::accepts);
    if (weight != null) {
      Check.weight("weight", weight, x.size(1));
    }
    Check.tensor("out", out, x.dtype(), x.size(0), x.size(1));
    launch(x, weight, eps, out);
  }

  /** Implemented by backends; arguments are checked. */
  void launch(Tensor x, Tensor weight, double eps, Tensor out);
}
