package dev.orrery.kernels.position;

import dev.orrery.kernels.backend.Kernel;
import dev.orrery.kernels.tensor.Check;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;

/**
 * Rotary position embedding: each pair {@code (a, b)} of channels of a head becomes {@code (a cos -
 * b sin, b cos + a sin)}, with cosine and sine of pair p taken from {@code table[r, p]}, {@code r =
 * t / (T / R)}. {@link Pairs} says which channels are a pair. Channels from the 2P-th on, P being
 * the pairs of the table, pass unchanged. {@code out} may be {@code x}.
 *
 * <p>Shapes: {@code x, out [T, H, D]}; {@code table [R, P, 2]} holds cosine and sine, T a multiple
 * of R (R = T gives every token its own row, R = F one row per frame), {@code 2P <= D}. {@link
 * RotaryTable} makes the tables.
 *
 * <p>Errors: {@link IllegalArgumentException} for a shape or dtype that does not fit.
 *
 * <p>Source: Su et al., RoFormer, equation 34; halves as in EleutherAI's GPT-NeoX, {@code
 * rotate_half}.
 */
public interface Rope extends Kernel {
  /** Which two of the 2P channels that turn are pair p. */
  enum Pairs {
    /** {@code x[t, h, 2p]} and {@code x[t, h, 2p+1]}. */
    NEIGHBOURS,
    /** {@code x[t, h, p]} and {@code x[t, h, p+P]}. */
    HALVES
  }

  /** Turns pairs of neighbours. */
  default void run(Tensor x, Tensor table, Tensor out) {
    run(x, table, Pairs.NEIGHBOURS, out);
  }

  default void run(Tensor x, Tensor table, Pairs pairs, Tensor out) {
    Check.activation("x", x, 3, this::accepts);
    Check.rank("table", table, DType.F32, 3);
    Check.tensor("table", table, DType.F32, table.size(0), table.size(1), 2);
    Check.multiple("tokens of x", x.size(0), "rows of table", table.size(0));
    Check.that(
        2 * table.size(1) <= x.size(2),
        "table: expected at most "
            + x.size(2) / 2
            + " pairs for head dim "
            + x.size(2)
            + ", found "
            + table);
    Check.tensor("out", out, x.dtype(), x.shape().extents());
    launch(x, table, pairs, out);
  }

  /** Implemented by backends; arguments are checked. */
  void launch(Tensor x, Tensor table, Pairs pairs, Tensor out);
}
