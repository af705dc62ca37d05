package dev.orrery.kernels.attention;

import dev.orrery.kernels.backend.Kernel;
import dev.orrery.kernels.tensor.Check;
import dev.orrery.kernels.tensor.Tensor;

/**
 * Multi-head attention of all queries of a sequence to all of its keys: {@code out[b, i, h] = sum_j
 * softmax_j(scale * q[b, i, h] . k[b, j, h]) v[b, j, h]}.
 *
 * <p>Shapes: {@code q, out [B*Tq, H, D]}, {@code k, v [B*Tk, H, D]}, Tk positive. The B sequences
 * lie one after the other and do not see each other: the frames of a video, say, whose tokens
 * attend within their own frame. There is no mask: a window of a cache is a slice of its rows, and
 * a block-causal mask is a series of such slices.
 *
 * <p>Errors: {@link IllegalArgumentException} for a shape or dtype that does not fit.
 *
 * <p>Source: Vaswani et al., Attention Is All You Need, equation 1.
 */
public interface Attention extends Kernel {
  /** Attention within a single sequence. */
  default void run(Tensor q, Tensor k, Tensor v, double scale, Tensor out) {
    run(q, k, v, 1, scale, out);
  }

  /**
   * Attention within each of several sequences of equal length.
   *
   * @param sequences B, positive
   */
  default void run(Tensor q, Tensor k, Tensor v, int sequences, double scale, Tensor out) {
    Check.activation("q", q, 3, this::accepts);
    Check.rank("k", k, q.dtype(), 3);
    int heads = q.size(1);
    int headDim = q.size(2);
    int keys = k.size(0);
    Check.that(keys > 0, "k: expected at least one key, found " + k);
    Check.tensor("k", k, q.dtype(), keys, heads, headDim);
    Check.tensor("v", v, q.dtype(), keys, heads, headDim);
    Check.tensor("out", out, q.dtype(), q.shape().extents());
    Check.that(sequences > 0, "sequences: expected a positive number, found " + sequences);
    checkSequences("q", q, sequences);
    checkSequences("k", k, sequences);
    launch(q, k, v, sequences, scale, out);
  }

  private static void checkSequences(String name, Tensor rows, int sequences) {
    Check.that(
        rows.size(0) % sequences == 0,
        name + ": expected rows for " + sequences + " sequences of equal length, found " + rows);
  }

  /** Floating-point operations of a launch: a multiplication and an addition are two. */
  static double operations(Tensor q, Tensor k, Tensor v, int sequences, double scale, Tensor out) {
    return 4.0 * q.elements() * (k.size(0) / sequences);
  }

  /** Implemented by backends; arguments are checked. */
  void launch(Tensor q, Tensor k, Tensor v, int sequences, double scale, Tensor out);
}
