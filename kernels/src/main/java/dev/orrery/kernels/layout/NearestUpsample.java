package dev.orrery.kernels.layout;

import dev.orrery.kernels.backend.Kernel;
import dev.orrery.kernels.tensor.Check;
import dev.orrery.kernels.tensor.Tensor;

/**
 * Doubles the rows and columns of channels-last frames by repeating pixels: {@code out[t, y, x, c]
 * = x[t, y / 2, x / 2, c]}.
 *
 * <p>Shapes: {@code x [T, Y, X, C]}, {@code out [T, 2Y, 2X, C]}.
 *
 * <p>Errors: {@link IllegalArgumentException} for a shape or dtype that does not fit.
 */
public interface NearestUpsample extends Kernel {
  default void run(Tensor x, Tensor out) {
    Check.activation("x", x, 4, this::accepts);
    Check.tensor("out", out, x.dtype(), x.size(0), 2 * x.size(1), 2 * x.size(2), x.size(3));
    launch(x, out);
  }

  /** Implemented by backends; arguments are checked. */
  void launch(Tensor x, Tensor out);
}
