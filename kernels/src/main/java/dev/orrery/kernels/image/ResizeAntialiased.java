package dev.orrery.kernels.image;

import dev.orrery.kernels.backend.Kernel;
import dev.orrery.kernels.tensor.Check;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;

/**
 * Antialiased resize of 8-bit images, bit for bit what Pillow's resampler gives. Columns are
 * resized first, then rows, each step rounded to 8 bits and skipped when the size stays.
 *
 * <p>For an axis of n pixels that becomes m, with {@code sc = n/m}, {@code fs = max(sc, 1)} and a
 * filter of support {@code s}, output o has its centre at {@code c = (o + 0.5) sc} and sums the
 * pixels {@code max(0, int(c - s fs + 0.5)) <= x < min(n, int(c + s fs + 0.5))} with weights {@code
 * filter((x - c + 0.5) / fs)}, normalised to one and rounded to 22 fractional bits, halves away
 * from zero; the sum is rounded and clamped to 0..255.
 *
 * <p>Shapes: {@code x [Y, X, C]}, {@code out [Yo, Xo, C]}, both U8, no extent zero.
 *
 * <p>Errors: {@link IllegalArgumentException} for a shape or dtype that does not fit.
 *
 * <p>Precision: weights are computed in double precision. The sines of Lanczos are those of a
 * library, whose last bit may differ from that of another; 22 bits of a weight hide that but once
 * in some hundred million weights.
 *
 * <p>Source: Pillow, {@code src/libImaging/Resample.c}. Its Python module resizes rows first where
 * an image is more than a hundred times as high as wide and gets less high; here the order is
 * always the same.
 */
public interface ResizeAntialiased extends Kernel {
  default void run(Tensor x, ResizeFilter filter, Tensor out) {
    Check.rank("x", x, DType.U8, 3);
    Check.rank("out", out, DType.U8, 3);
    Check.tensor("out", out, DType.U8, out.size(0), out.size(1), x.size(2));
    Check.that(
        x.elements() > 0 && out.elements() > 0,
        "expected images with pixels, found " + x + " and " + out);
    launch(x, filter, out);
  }

  /** Implemented by backends; arguments are checked. */
  void launch(Tensor x, ResizeFilter filter, Tensor out);
}
