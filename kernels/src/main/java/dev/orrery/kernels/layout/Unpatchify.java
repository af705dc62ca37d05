package dev.orrery.kernels.layout;

import dev.orrery.kernels.backend.Kernel;
import dev.orrery.kernels.tensor.Check;
import dev.orrery.kernels.tensor.Tensor;

/**
 * Puts rows of patch values back into channels-last frames, the inverse of {@link Patchify}: with
 * {@code Y' = ceil(Y/p)} and {@code X' = ceil(X/p)}, {@code out[t, i * p + dy, j * p + dx, c] =
 * x[(t * Y' + i) * X' + j, element]}, where {@code element = (c * p + dy) * p + dx} if channels are
 * the slowest and {@code (dy * p + dx) * C + c} if they are the fastest. What a patch has below or
 * right of the frame is cut off.
 *
 * <p>Shapes: {@code x [T * Y' * X', p * p * C]}, {@code out [T, Y, X, C]}.
 *
 * <p>Errors: {@link IllegalArgumentException} for a shape or dtype that does not fit.
 *
 * <p>Source: {@code unpatchify} of Wan 2.1's {@code model.py}, with channels fastest; of Oasis'
 * {@code vae.py}, with channels slowest; of jafar's {@code utils/preprocess.py}, with a border.
 */
public interface Unpatchify extends Kernel {
  default void run(Tensor x, int patch, PatchOrder order, Tensor out) {
    Check.activation("out", out, 4, this::accepts);
    Check.that(patch > 0, "patch: expected 1 or more, found " + patch);
    int patches = Math.ceilDiv(out.size(1), patch) * Math.ceilDiv(out.size(2), patch);
    Check.activation("x", x, 2, this::accepts);
    Check.tensor(
        "x", x, x.dtype(), (long) out.size(0) * patches, (long) patch * patch * out.size(3));
    launch(x, patch, order, out);
  }

  /** Implemented by backends; arguments are checked. */
  void launch(Tensor x, int patch, PatchOrder order, Tensor out);
}
