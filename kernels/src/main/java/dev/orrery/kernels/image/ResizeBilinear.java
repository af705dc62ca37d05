package dev.orrery.kernels.image;

import dev.orrery.kernels.backend.Kernel;
import dev.orrery.kernels.tensor.Check;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;

/**
 * Antialiased bilinear resize of 8-bit pictures, bit for bit what Pillow's resampler gives. Columns
 * are resized first, then rows, each step rounded to 8 bits and skipped when the size stays.
 *
 * <p>For an axis of n pixels that becomes m, with {@code sc = n/m} and {@code fs = max(sc, 1)},
 * output o has its centre at {@code c = (o + 0.5) sc} and sums the pixels {@code max(0, int(c - fs
 * + 0.5)) <= x < min(n, int(c + fs + 0.5))} with weights {@code max(0, 1 - |(x - c + 0.5) / fs|)},
 * normalised to one and rounded to 22 fractional bits; the sum is rounded and clamped to 0..255.
 *
 * <p>Shapes: {@code x [Y, X, C]}, {@code out [Yo, Xo, C]}, both U8, no extent zero.
 *
 * <p>Errors: {@link IllegalArgumentException} for a shape or dtype that does not fit.
 *
 * <p>Source: Pillow, {@code src/libImaging/Resample.c}.
 */
public interface ResizeBilinear extends Kernel {
  default void run(Tensor x, Tensor out) {
    Check.rank("x", x, DType.U8, 3);
    Check.rank("out", out, DType.U8, 3);
    Check.tensor("out", out, DType.U8, out.size(0), out.size(1), x.size(2));
    Check.that(
        x.elements() > 0 && out.elements() > 0,
        "expected pictures with pixels, found " + x + " and " + out);
    launch(x, out);
  }

  /** Implemented by backends; arguments are checked. */
  void launch(Tensor x, Tensor out);
}
