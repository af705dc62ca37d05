package dev.orrery.kernels.layout;

import dev.orrery.kernels.backend.Kernel;
import dev.orrery.kernels.tensor.Check;
import dev.orrery.kernels.tensor.Tensor;

/**
 * Puts rows of patch values back into channels-last frames; channels are the fastest within a row,
 * unlike in {@link Patchify}: {@code out[t, i * p + dy, j * p + dx, c] = x[(t * Y/p + i) * X/p + j,
 * (dy * p + dx) * C + c]}.
 *
 * <p>Shapes: {@code x [T * Y/p * X/p, p * p * C]}, {@code out [T, Y, X, C]}; Y and X multiples of
 * p.
 *
 * <p>Errors: {@link IllegalArgumentException} for a shape or dtype that does not fit.
 *
 * <p>Source: {@code unpatchify} of Wan 2.1's {@code model.py}.
 */
public interface Unpatchify extends Kernel {
  default void run(Tensor x, int patch, Tensor out) {
    Check.activation("out", out, 4, this::accepts);
    Check.multiple("rows of out", out.size(1), "patch", patch);
    Check.multiple("columns of out", out.size(2), "patch", patch);
    int tokens = out.size(0) * (out.size(1) / patch) * (out.size(2) / patch);
    Check.activation("x", x, 2, this::accepts);
    Check.tensor("x", x, x.dtype(), tokens, patch * patch * out.size(3));
    launch(x, patch, out);
  }

  /** Implemented by backends; arguments are checked. */
  void launch(Tensor x, int patch, Tensor out);
}
