package dev.orrery.kernels.layout;

import dev.orrery.kernels.backend.Kernel;
import dev.orrery.kernels.tensor.Check;
import dev.orrery.kernels.tensor.Tensor;

/**
 * Adds to a video a smaller one without learned weights: a pixel's channels, each repeated, become
 * a box of {@code p} frames and {@code s x s} pixels: {@code out[t * p + dt - z, y * s + dy, x * s
 * + dx, c] += x[t, y, x, i / r]}, the division rounding down, with {@code r = Co * p * s * s / Ci}
 * and {@code i = ((c * p + dt) * s + dy) * s + dx} if channels are the slowest and {@code ((dt * s
 * + dy) * s + dx) * Co + c} if they are the fastest. In the latter order a box is the same whether
 * its channels are repeated first or its pixels laid out first. The first z frames fall away where
 * {@code out} has fewer than {@code T * p}.
 *
 * <p>Shapes: {@code x [T, Y, X, Ci]}, {@code out [T * p - z, Y * s, X * s, Co]}, z less than p;
 * {@code Co * p * s * s} a multiple of Ci.
 *
 * <p>Errors: {@link IllegalArgumentException} for a shape or dtype that does not fit.
 *
 * <p>Source: {@code DupUp3D} of Wan 2.2's {@code vae2_2.py}, with channels slowest; the upsampling
 * of HunyuanVideo-1.5's autoencoder, with channels fastest.
 */
public interface UpsampleShortcut extends Kernel {
  /**
   * Adds the repeated channels.
   *
   * @param frames frames p of a box
   * @param side rows and columns s of a box
   * @param order how a box counts the repeated channels
   */
  default void run(Tensor x, int frames, int side, PatchOrder order, Tensor out) {
    Check.activation("x", x, 4, this::accepts);
    Check.that(frames > 0, "frames: expected 1 or more, found " + frames);
    Check.that(side > 0, "side: expected 1 or more, found " + side);
    Check.activation("out", out, 4, this::accepts);
    long all = (long) x.size(0) * frames;
    Check.that(
        out.size(0) <= all && out.size(0) > all - frames,
        "out: expected " + (all - frames + 1) + " to " + all + " frames, found " + out);
    Check.tensor(
        "out",
        out,
        x.dtype(),
        out.size(0),
        (long) x.size(1) * side,
        (long) x.size(2) * side,
        out.size(3));
    Check.multiple(
        "values of a box", (long) out.size(3) * frames * side * side, "channels of x", x.size(3));
    launch(x, frames, side, order, out);
  }

  /** Implemented by backends; arguments are checked. */
  void launch(Tensor x, int frames, int side, PatchOrder order, Tensor out);
}
