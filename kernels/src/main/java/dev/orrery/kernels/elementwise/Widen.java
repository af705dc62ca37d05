package dev.orrery.kernels.elementwise;

import dev.orrery.kernels.backend.Kernel;
import dev.orrery.kernels.tensor.Check;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;

/**
 * The fp32 values of a weight: {@code out = x}, exactly.
 *
 * <p>Shapes: {@code x} (fp32, fp16 or bf16) and {@code out} (fp32) alike.
 *
 * <p>Errors: {@link IllegalArgumentException} for a shape or dtype that does not fit.
 */
public interface Widen extends Kernel {
  default void run(Tensor x, Tensor out) {
    Check.weight("x", x, x.shape().extents());
    Check.tensor("out", out, DType.F32, x.shape().extents());
    launch(x, out);
  }

  /** Implemented by backends; arguments are checked. */
  void launch(Tensor x, Tensor out);
}
