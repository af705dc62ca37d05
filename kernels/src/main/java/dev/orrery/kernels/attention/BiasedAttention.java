package dev.orrery.kernels.attention;

import dev.orrery.kernels.backend.Kernel;
import dev.orrery.kernels.cpu.FloatView;
import dev.orrery.kernels.tensor.Check;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.HostBuffer;
import dev.orrery.kernels.tensor.Tensor;
import java.util.Arrays;

/**
 * Attention whose scores get a bias for the distance of key and query: {@code out[i, h] = sum_j
 * softmax_j(scale * q[i, h] . k[j, g] + bias[h, j - i + Tq - 1]) v[j, g]}, where {@code g = h / (H
 * / Hk)}: neighbouring heads of queries share a head of keys and values.
 *
 * <p>A bias of minus infinity excludes the key, whatever its score: {@link #causal} lets a query
 * see itself and what lies before it. Every query needs a key that is left to it.
 *
 * <p>Shapes: {@code q, out [Tq, H, D]}, {@code k, v [Tk, Hk, D]}, H a multiple of Hk; {@code bias
 * [H, Tq + Tk - 1]} in fp32, both Tq and Tk positive. Column 0 of the bias belongs to the first key
 * and the last query.
 *
 * <p>Errors: {@link IllegalArgumentException} for a shape or dtype that does not fit, and for a
 * query without any key where the bias lies in host memory; elsewhere its result is not defined.
 *
 * <p>Source: Raffel et al., Exploring the Limits of Transfer Learning with a Unified Text-to-Text
 * Transformer, section 2.1; the choice of a bias by the distance is the caller's. Shared heads as
 * in Ainslie et al., GQA.
 */
public interface BiasedAttention extends Kernel {
  default void run(Tensor q, Tensor k, Tensor v, Tensor bias, double scale, Tensor out) {
    Check.activation("q", q, 3, this::accepts);
    Check.rank("k", k, q.dtype(), 3);
    int queries = q.size(0);
    int keys = k.size(0);
    Check.that(queries > 0, "q: expected at least one query, found " + q);
    Check.that(keys > 0, "k: expected at least one key, found " + k);
    Check.multiple("heads of q", q.size(1), "heads of k", k.size(1));
    Check.tensor("k", k, q.dtype(), keys, k.size(1), q.size(2));
    Check.tensor("v", v, q.dtype(), keys, k.size(1), q.size(2));
    Check.tensor("bias", bias, DType.F32, q.size(1), queries + keys - 1L);
    Check.tensor("out", out, q.dtype(), q.shape().extents());
    if (bias.buffer() instanceof HostBuffer) {
      requireKeys(bias, queries, keys);
    }
    launch(q, k, v, bias, scale, out);
  }

  /**
   * The bias of text models, on the host: keys behind a query are excluded, others as they are.
   *
   * @return {@code [heads, 2 tokens - 1]}
   */
  static Tensor causal(int heads, int tokens) {
    int distances = 2 * tokens - 1;
    float[] bias = new float[Math.multiplyExact(heads, distances)];
    for (int head = 0; head < heads; head++) {
      int end = (head + 1) * distances;
      Arrays.fill(bias, end - (tokens - 1), end, Float.NEGATIVE_INFINITY);
    }
    return Tensor.of(bias, heads, distances);
  }

  /** Requires that no row of the bias has minus infinity at as many distances as there are keys. */
  private static void requireKeys(Tensor bias, int queries, int keys) {
    FloatView biases = FloatView.of(bias);
    int distances = bias.size(1);
    int excluded = 0;
    for (long i = 0; i < bias.elements(); i++) {
      int distance = (int) (i % distances);
      excluded = biases.get(i) != Float.NEGATIVE_INFINITY ? 0 : distance == 0 ? 1 : excluded + 1;
      if (excluded == keys) {
        throw new IllegalArgumentException(
            "bias: expected a key for every query, found none for query "
                + (queries + keys - 2 - distance)
                + " of head "
                + i / distances);
      }
    }
  }

  /** Floating-point operations of a launch: a multiplication and an addition are two. */
  static double operations(Tensor q, Tensor k, Tensor v, Tensor bias, double scale, Tensor out) {
    return 4.0 * q.elements() * k.size(0);
  }

  /** Implemented by backends; arguments are checked. */
  void launch(Tensor q, Tensor k, Tensor v, Tensor bias, double scale, Tensor out);
}
