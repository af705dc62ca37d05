package dev.orrery.kernels.elementwise;

import dev.orrery.kernels.backend.Kernel;
import dev.orrery.kernels.tensor.Check;
import dev.orrery.kernels.tensor.Tensor;

/**
 * Sigmoid-weighted linear unit of every element: {@code out = x / (1 + exp(-x))}. {@code out} may
 * be {@code x}.
 *
 * <p>Errors: {@link IllegalArgumentException} for a shape or dtype that does not fit.
 */
public interface Silu extends Kernel {
  default void run(Tensor x, Tensor out) {
    Check.activation("x", x, this::accepts);
    Check.tensor("out", out, x.dtype(), x.shape().extents());
    launch(x, out);
  }

  /** Implemented by backends; arguments are checked. */
  void launch(Tensor x, Tensor out);
}
