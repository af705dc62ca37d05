package dev.orrery.kernels.elementwise;

import dev.orrery.kernels.backend.Kernel;
import dev.orrery.kernels.tensor.Check;
import dev.orrery.kernels.tensor.Tensor;

/**
 * Presses every element smoothly into an interval around zero: {@code out = limit tanh(x / limit)}.
 * {@code out} may be {@code x}.
 *
 * <p>Errors: {@link IllegalArgumentException} for a shape or dtype that does not fit, or a limit
 * that is not positive.
 */
public interface SoftClamp extends Kernel {
  default void run(Tensor x, double limit, Tensor out) {
    Check.activation("x", x, this::accepts);
    Check.that(limit > 0, "limit: expected a positive number, found " + limit);
    Check.tensor("out", out, x.dtype(), x.shape().extents());
    launch(x, limit, out);
  }

  /** Implemented by backends; arguments are checked. */
  void launch(Tensor x, double limit, Tensor out);
}
