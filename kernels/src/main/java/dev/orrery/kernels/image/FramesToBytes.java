package dev.orrery.kernels.image;

import dev.orrery.kernels.backend.Kernel;
import dev.orrery.kernels.tensor.Check;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;

/**
 * Pixel bytes of decoded video: {@code out = truncate(clip((x + offset) * scale, 0, 255))}, in
 * fp32, for a {@link PixelRange}. NaN becomes 0.
 *
 * <p>Shapes: {@code x} and {@code out} alike; x in the range (values outside are clipped), out U8.
 *
 * <p>Errors: {@link IllegalArgumentException} for a shape or dtype that does not fit.
 */
public interface FramesToBytes extends Kernel {
  default void run(Tensor x, PixelRange range, Tensor out) {
    Check.activation("x", x, this::accepts);
    Check.tensor("out", out, DType.U8, x.shape().extents());
    launch(x, range, out);
  }

  /** Implemented by backends; arguments are checked. */
  void launch(Tensor x, PixelRange range, Tensor out);
}
