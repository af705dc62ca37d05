package dev.orrery.kernels.position;

import dev.orrery.kernels.backend.Kernel;
import dev.orrery.kernels.norm.RmsNorm;
import dev.orrery.kernels.tensor.Check;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;

/**
 * What queries and keys go through between their projection and the attention: {@link RmsNorm} over
 * all channels of a token or over each head, then {@link Rope}. {@code out} may be {@code x}.
 *
 * <p>Shapes: {@code x, out [T, H, D]}; {@code weight [H * D]} for {@link Span#TOKEN}, {@code [D]}
 * for {@link Span#HEAD}, or null; {@code table [R, P, 2]} as for {@link Rope}.
 *
 * <p>Errors: {@link IllegalArgumentException} for a shape or dtype that does not fit.
 */
public interface RmsNormRope extends Kernel {
  /** The values that one mean square is taken over. */
  enum Span {
    /** All H * D channels of a token. */
    TOKEN,
    /** The D channels of a head. */
    HEAD
  }

  default void run(Tensor x, Span span, Tensor weight, double eps, Tensor table, Tensor out) {
    Check.activation("x", x, 3, this::accepts);
    int headDim = x.size(2);
    if (weight != null) {
      Check.weight("weight", weight, span == Span.TOKEN ? (long) x.size(1) * headDim : headDim);
    }
    Check.rank("table", table, DType.F32, 3);
    Check.tensor("table", table, DType.F32, table.size(0), table.size(1), 2);
    Check.multiple("tokens of x", x.size(0), "rows of table", table.size(0));
    Check.that(
        2 * table.size(1) <= headDim,
        "table: expected at most "
            + headDim / 2
            + " pairs for head dim "
            + headDim
            + ", found "
            + table);
    Check.tensor("out", out, x.dtype(), x.shape().extents());
    launch(x, span, weight, eps, table, out);
  }

  /** Implemented by backends; arguments are checked. */
  void launch(Tensor x, Span span, Tensor weight, double eps, Tensor table, Tensor out);
}
