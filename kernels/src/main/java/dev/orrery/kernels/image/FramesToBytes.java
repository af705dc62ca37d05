package dev.orrery.kernels.image;

import dev.orrery.kernels.backend.Kernel;
import dev.orrery.kernels.tensor.Check;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;

/**
 * Pixel bytes of decoded video: {@code out = truncate(clip((x + 1) * 127.5, 0, 255))}, in fp32. NaN
 * becomes 0.
 *
 * <p>Shapes: {@code x} and {@code out} alike; x in [-1, 1] (values outside are clipped), out U8.
 *
 * <p>Errors: {@link IllegalArgumentException} for a shape or dtype that does not fit.
 */
public interface FramesToBytes extends Kernel {
  default void run(Tensor x, Tensor out) {
    Check.activation("x", x, this::accepts);
    Check.tensor("out", out, DType.U8, x.shape().extents());
    launch(x, out);
  }

  /** Implemented by backends; arguments are checked. */
  void launch(Tensor x, Tensor out);
}
