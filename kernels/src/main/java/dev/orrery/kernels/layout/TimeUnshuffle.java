package dev.orrery.kernels.layout;

import dev.orrery.kernels.backend.Kernel;
import dev.orrery.kernels.tensor.Check;
import dev.orrery.kernels.tensor.Tensor;

/**
 * Turns the two halves of the channels into two consecutive frames: {@code out[2t, p, c] = x[t, p,
 * c]} and {@code out[2t+1, p, c] = x[t, p, C + c]}.
 *
 * <p>Shapes: {@code x [T, P, 2C]}, {@code out [2T, P, C]}, P pixels of a frame.
 *
 * <p>Errors: {@link IllegalArgumentException} for a shape or dtype that does not fit.
 *
 * <p>Source: the temporal upsampling of {@code Resample} in Wan 2.1's {@code vae.py}.
 */
public interface TimeUnshuffle extends Kernel {
  default void run(Tensor x, Tensor out) {
    Check.activation("x", x, 3, this::accepts);
    Check.multiple("channels of x", x.size(2), "the two halves", 2);
    Check.tensor("out", out, x.dtype(), 2 * x.size(0), x.size(1), x.size(2) / 2);
    launch(x, out);
  }

  /** Implemented by backends; arguments are checked. */
  void launch(Tensor x, Tensor out);
}
