package dev.orrery.kernels.layout;

import dev.orrery.kernels.backend.Kernel;
import dev.orrery.kernels.tensor.Check;
import dev.orrery.kernels.tensor.Tensor;

/**
 * Cuts channels-last frames into square patches, one row each, in the order in which a patch
 * convolution's weight stores its inputs: {@code out[(t * Y/p + i) * X/p + j, offset + (c * p + dy)
 * * p + dx] = x[t, i * p + dy, j * p + dx, c]}. Several inputs can share the rows: each call fills
 * its own columns, from {@code offset} on.
 *
 * <p>Shapes: {@code x [T, Y, X, C]}, {@code out [T * Y/p * X/p, at least offset + C * p * p]}; Y
 * and X multiples of p.
 *
 * <p>Errors: {@link IllegalArgumentException} for a shape or dtype that does not fit.
 */
public interface Patchify extends Kernel {
  default void run(Tensor x, int patch, int offset, Tensor out) {
    Check.activation("x", x, 4, this::accepts);
    Check.multiple("rows of x", x.size(1), "patch", patch);
    Check.multiple("columns of x", x.size(2), "patch", patch);
    Check.activation("out", out, 2, this::accepts);
    int columns = x.size(3) * patch * patch;
    Check.that(offset >= 0, "offset: expected 0 or more, found " + offset);
    Check.that(
        offset + columns <= out.size(1),
        "out: expected at least " + (offset + columns) + " columns, found " + out);
    Check.tensor(
        "out",
        out,
        out.dtype(),
        x.size(0) * (x.size(1) / patch) * (x.size(2) / patch),
        out.size(1));
    launch(x, patch, offset, out);
  }

  /** Implemented by backends; arguments are checked. */
  void launch(Tensor x, int patch, int offset, Tensor out);
}
