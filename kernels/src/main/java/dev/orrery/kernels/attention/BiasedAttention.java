package dev.orrery.kernels.attention;

import dev.orrery.kernels.backend.Kernel;
import dev.orrery.kernels.tensor.Check;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;

/**
 * Attention whose scores get a bias for the distance of key and query: {@code out[i, h] = sum_j
 * softmax_j(scale * q[i, h] . k[j, h] + bias[h, j - i + Tq - 1]) v[j, h]}.
 *
 * <p>Shapes: {@code q, out [Tq, H, D]}, {@code k, v [Tk, H, D]}, {@code bias [H, Tq + Tk - 1]} in
 * fp32, both Tq and Tk positive. Column 0 of the bias belongs to the first key and the last query.
 *
 * <p>Errors: {@link IllegalArgumentException} for a shape or dtype that does not fit.
 *
 * <p>Source: Raffel et al., Exploring the Limits of Transfer Learning with a Unified Text-to-Text
 * Transformer, section 2.1; the choice of a bias by the distance is the caller's.
 */
public interface BiasedAttention extends Kernel {
  default void run(Tensor q, Tensor k, Tensor v, Tensor bias, double scale, Tensor out) {
    Check.activation("q", q, 3, this::accepts);
    Check.rank("k", k, q.dtype(), 3);
    int queries = q.size(0);
    int keys = k.size(0);
    Check.that(queries > 0, "q: expected at least one query, found " + q);
    Check.that(keys > 0, "k: expected at least one key, found " + k);
    Check.tensor("k", k, q.dtype(), keys, q.size(1), q.size(2));
    Check.tensor("v", v, q.dtype(), keys, q.size(1), q.size(2));
    Check.tensor("bias", bias, DType.F32, q.size(1), queries + keys - 1L);
    Check.tensor("out", out, q.dtype(), q.shape().extents());
    launch(q, k, v, bias, scale, out);
  }

  /** Floating-point operations of a launch: a multiplication and an addition are two. */
  static double operations(Tensor q, Tensor k, Tensor v, Tensor bias, double scale, Tensor out) {
    return 4.0 * q.elements() * k.size(0);
  }

  /** Implemented by backends; arguments are checked. */
  void launch(Tensor q, Tensor k, Tensor v, Tensor bias, double scale, Tensor out);
}
