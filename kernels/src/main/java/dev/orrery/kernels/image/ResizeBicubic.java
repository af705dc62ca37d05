package dev.orrery.kernels.image;

import dev.orrery.kernels.backend.Kernel;
import dev.orrery.kernels.tensor.Check;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;

/**
 * Bicubic resize of fp32 images without antialiasing: cubic convolution with a = -0.75, half-pixel
 * centres ({@code source = (o + 0.5) * n / m - 0.5}), pixels outside the image repeat its border,
 * values are not clamped.
 *
 * <p>Shapes: {@code x [Y, X, C]}, {@code out [Yo, Xo, C]}, no extent zero.
 *
 * <p>Errors: {@link IllegalArgumentException} for a shape or dtype that does not fit.
 *
 * <p>Source: PyTorch {@code interpolate(mode="bicubic", align_corners=False)}; Keys, Cubic
 * Convolution Interpolation for Digital Image Processing.
 */
public interface ResizeBicubic extends Kernel {
  default void run(Tensor x, Tensor out) {
    Check.rank("x", x, DType.F32, 3);
    Check.rank("out", out, DType.F32, 3);
    Check.tensor("out", out, DType.F32, out.size(0), out.size(1), x.size(2));
    Check.that(
        x.elements() > 0 && out.elements() > 0,
        "expected images with pixels, found " + x + " and " + out);
    launch(x, out);
  }

  /** Implemented by backends; arguments are checked. */
  void launch(Tensor x, Tensor out);
}
