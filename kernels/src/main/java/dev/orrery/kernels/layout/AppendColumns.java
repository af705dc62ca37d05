package dev.orrery.kernels.layout;

import dev.orrery.kernels.backend.Kernel;
import dev.orrery.kernels.tensor.Check;
import dev.orrery.kernels.tensor.Tensor;

/**
 * Appends to every token's channels a vector of its latent frame: {@code out[t] = concat(x[t],
 * frame[t / S])}, S = T / F tokens in each frame.
 *
 * <p>Shapes: {@code x [T, C]}, {@code frame [F, N]}, {@code out [T, C + N]}, T a multiple of F.
 *
 * <p>Errors: {@link IllegalArgumentException} for a shape or dtype that does not fit.
 */
public interface AppendColumns extends Kernel {
  default void run(Tensor x, Tensor frame, Tensor out) {
    Check.activation("x", x, 2, this::accepts);
    Check.rank("frame", frame, x.dtype(), 2);
    Check.multiple("tokens of x", x.size(0), "frames of frame", frame.size(0));
    Check.tensor("out", out, x.dtype(), x.size(0), x.size(1) + frame.size(1));
    launch(x, frame, out);
  }

  /** Implemented by backends; arguments are checked. */
  void launch(Tensor x, Tensor frame, Tensor out);
}
