package dev.orrery.kernels.attention;

import dev.orrery.kernels.backend.Kernel;
import dev.orrery.kernels.tensor.Check;
import dev.orrery.kernels.tensor.Tensor;

/**
 * Multi-head attention of all queries to all given keys: {@code out[i, h] = sum_j softmax_j(scale *
 * q[i, h] . k[j, h]) v[j, h]}.
 *
 * <p>Shapes: {@code q, out [Tq, H, D]}, {@code k, v [Tk, H, D]}, Tk positive. There is no mask: a
 * window of a cache is a slice of its rows, and a block-causal mask is a sequence of such slices.
 *
 * <p>Errors: {@link IllegalArgumentException} for a shape or dtype that does not fit.
 *
 * <p>Source: Vaswani et al., Attention Is All You Need, equation 1.
 */
public interface Attention extends Kernel {
  default void run(Tensor q, Tensor k, Tensor v, double scale, Tensor out) {
    Check.activation("q", q, 3, this::accepts);
    Check.rank("k", k, q.dtype(), 3);
    int heads = q.size(1);
    int headDim = q.size(2);
    int keys = k.size(0);
    Check.that(keys > 0, "k: expected at least one key, found " + k);
    Check.tensor("k", k, q.dtype(), keys, heads, headDim);
    Check.tensor("v", v, q.dtype(), keys, heads, headDim);
    Check.tensor("out", out, q.dtype(), q.shape().extents());
    launch(q, k, v, scale, out);
  }

  /** Implemented by backends; arguments are checked. */
  void launch(Tensor q, Tensor k, Tensor v, double scale, Tensor out);
}
