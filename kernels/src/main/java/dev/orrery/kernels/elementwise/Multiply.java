package dev.orrery.kernels.elementwise;

import dev.orrery.kernels.backend.Kernel;
import dev.orrery.kernels.tensor.Check;
import dev.orrery.kernels.tensor.Tensor;

/**
 * Product, element by element, of two tensors of one shape: {@code out = a * b}. {@code out} may be
 * {@code a} or {@code b}.
 *
 * <p>Errors: {@link IllegalArgumentException} for a shape or dtype that does not fit.
 */
public interface Multiply extends Kernel {
  default void run(Tensor a, Tensor b, Tensor out) {
    Check.activation("a", a, this::accepts);
    Check.tensor("b", b, a.dtype(), a.shape().extents());
    Check.tensor("out", out, a.dtype(), a.shape().extents());
    launch(a, b, out);
  }

  /** Implemented by backends; arguments are checked. */
  void launch(Tensor a, Tensor b, Tensor out);
}
