package dev.orrery.kernels.elementwise;

import dev.orrery.kernels.backend.Kernel;
import dev.orrery.kernels.tensor.Check;
import dev.orrery.kernels.tensor.Tensor;

/**
 * The values of a tensor in another floating-point type: {@code out = x}, rounded to the nearest
 * value of out's dtype, ties to even.
 *
 * <p>Shapes: {@code x} and {@code out} alike; each is fp32, fp16 or bf16 on every backend.
 *
 * <p>Errors: {@link IllegalArgumentException} for a shape or dtype that does not fit.
 */
public interface Convert extends Kernel {
  default void run(Tensor x, Tensor out) {
    Check.weight("x", x, x.shape().extents());
    Check.weight("out", out, x.shape().extents());
    launch(x, out);
  }

  /** Implemented by backends; arguments are checked. */
  void launch(Tensor x, Tensor out);
}
