package dev.orrery.kernels.layout;

import dev.orrery.kernels.backend.Kernel;
import dev.orrery.kernels.tensor.Check;
import dev.orrery.kernels.tensor.Tensor;

/**
 * Cuts channels-last frames into square patches of p x p pixels, one row each: with {@code Y' =
 * ceil(Y/p)} and {@code X' = ceil(X/p)}, {@code out[(t * Y' + i) * X' + j, offset + element] = x[t,
 * i * p + dy, j * p + dx, c]}, where {@code element = (c * p + dy) * p + dx} if channels are the
 * slowest and {@code (dy * p + dx) * C + c} if they are the fastest. What a patch has below or
 * right of the frame is zero. Several inputs can share the rows: each call fills its own columns,
 * from {@code offset} on.
 *
 * <p>Shapes: {@code x [T, Y, X, C]}, {@code out [T * Y' * X', at least offset + C * p * p]}.
 *
 * <p>Errors: {@link IllegalArgumentException} for a shape or dtype that does not fit.
 *
 * <p>Source: the order of {@code torch.nn.functional.unfold}, with channels slowest; {@code
 * patchify} of jafar's {@code utils/preprocess.py}, with channels fastest and the border padded.
 */
public interface Patchify extends Kernel {
  default void run(Tensor x, int patch, PatchOrder order, int offset, Tensor out) {
    Check.activation("x", x, 4, this::accepts);
    Check.that(patch > 0, "patch: expected 1 or more, found " + patch);
    Check.activation("out", out, 2, this::accepts);
    int columns = x.size(3) * patch * patch;
    Check.that(offset >= 0, "offset: expected 0 or more, found " + offset);
    Check.that(
        offset + columns <= out.size(1),
        "out: expected at least " + (offset + columns) + " columns, found " + out);
    int patches = Math.ceilDiv(x.size(1), patch) * Math.ceilDiv(x.size(2), patch);
    Check.tensor("out", out, out.dtype(), (long) x.size(0) * patches, out.size(1));
    launch(x, patch, order, offset, out);
  }

  /** Implemented by backends; arguments are checked. */
  void launch(Tensor x, int patch, PatchOrder order, int offset, Tensor out);
}
