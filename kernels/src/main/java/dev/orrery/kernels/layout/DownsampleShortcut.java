package dev.orrery.kernels.layout;

import dev.orrery.kernels.backend.Kernel;
import dev.orrery.kernels.tensor.Check;
import dev.orrery.kernels.tensor.Tensor;

/**
 * Adds to a video a larger one without learned weights: the values of a box of {@code p} frames and
 * {@code s x s} pixels become one pixel's channels, groups of them averaged: {@code out[t, y, x, c]
 * += mean of b[c * g .. c * g + g)}. The list {@code b} of a box has {@code Ci * p * s * s} values,
 * {@code b[i] = x[t * p + dt - z, y * s + dy, x * s + dx, ci]}, where {@code i = ((ci * p + dt) * s
 * + dy) * s + dx} if channels are the slowest and {@code ((dt * s + dy) * s + dx) * Ci + ci} if
 * they are the fastest; {@code g} is its length over {@code Co}. When p does not divide the frames,
 * z frames of zeros stand before the first one and are averaged in.
 *
 * <p>Shapes: {@code x [T, Y, X, Ci]}, {@code out [ceil(T / p), Y/s, X/s, Co]}; Y and X multiples of
 * s, the length of b a multiple of Co.
 *
 * <p>Errors: {@link IllegalArgumentException} for a shape or dtype that does not fit.
 *
 * <p>Source: {@code AvgDown3D} of Wan 2.2's {@code vae2_2.py}, with channels slowest; the
 * downsampling of HunyuanVideo-1.5's autoencoder, with channels fastest.
 */
public interface DownsampleShortcut extends Kernel {
  /**
   * Adds the means.
   *
   * @param frames frames p of a box
   * @param side rows and columns s of a box
   * @param order how the list of a box counts its values
   */
  default void run(Tensor x, int frames, int side, PatchOrder order, Tensor out) {
    Check.activation("x", x, 4, this::accepts);
    Check.that(frames > 0, "frames: expected 1 or more, found " + frames);
    Check.multiple("rows of x", x.size(1), "side", side);
    Check.multiple("columns of x", x.size(2), "side", side);
    Check.activation("out", out, 4, this::accepts);
    Check.tensor(
        "out",
        out,
        x.dtype(),
        Math.ceilDiv(x.size(0), frames),
        x.size(1) / side,
        x.size(2) / side,
        out.size(3));
    Check.multiple(
        "values of a box", (long) x.size(3) * frames * side * side, "channels of out", out.size(3));
    launch(x, frames, side, order, out);
  }

  /** Implemented by backends; arguments are checked. */
  void launch(Tensor x, int frames, int side, PatchOrder order, Tensor out);
}
