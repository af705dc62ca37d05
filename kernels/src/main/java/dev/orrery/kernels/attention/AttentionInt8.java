package dev.orrery.kernels.attention;

import dev.orrery.kernels.backend.Kernel;
import dev.orrery.kernels.tensor.Check;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;

/**
 * {@link Attention} of queries and keys in int8: {@code out[i, h] = sum_j softmax_j(scale * sq[i,
 * h] * sk[j / 128, h] * (q8[i, h] . k8[j, h])) v[j, h]}, where {@code sq * q8} stands for q and
 * {@code sk * k8} for k less the mean of a head's keys, which takes the same from all scores of a
 * query and so changes no weight.
 *
 * <ul>
 *   <li>{@code sq[i, h] = max |q[i, h]| / 127}, a scale for each query and head.
 *   <li>{@code sk[b, h] = max |k[j, h] - mean[h]| / 127}, a scale for each {@value
 *       #KEYS_OF_A_SCALE} keys of a head from the first one on: {@code j / 128 = b}.
 *   <li>{@code mean[h]} is that of {@code n = min(64, Tk)} keys, those at {@code i Tk / n} rounded
 *       down: it is there to make the largest values smaller, and need not be exact.
 * </ul>
 *
 * <p>With cameras it is {@link PropeAttention}: queries and keys are those after its transforms,
 * values and the output are transformed.
 *
 * <p>Shapes: {@code q, out [Tq, H, D]}, {@code k, v [Tk, H, D]}, Tk positive, D a multiple of
 * {@value #HEAD_STEP} and at most {@value #LARGEST_HEAD}. On a GPU activations have 16 bits and
 * tensors begin at multiples of 16 bytes. {@code room} is where queries, keys and, in 16 bits with
 * cameras, values are left meanwhile; its content is unknown before and after. It overlaps no other
 * argument; {@code out} may be {@code q}.
 *
 * <p>Errors: {@link IllegalArgumentException} for a shape or dtype that does not fit, or a scale
 * that is not positive.
 *
 * <p>Precision: values are rounded as {@link dev.orrery.kernels.linear.quantized.QuantizeRows}
 * rounds them, and means are sums in fp32 in an order that depends on Tk alone, so that int8 values
 * are the same bits on every backend, without cameras. Products of int8 are exact, softmax and
 * averages are those of {@link Attention}.
 *
 * <p>Source: Zhang et al., SageAttention (arXiv 2410.02367), with the mean of some keys, scales of
 * queries for each token, and values as they are.
 */
public interface AttentionInt8 extends Kernel {
  /** Keys of a head that share a scale. */
  int KEYS_OF_A_SCALE = 128;

  /** Most keys whose mean is taken. */
  int KEYS_OF_MEAN = 64;

  /** Keys whose sums come before those of others: every so many of those of the mean. */
  int SUMS_OF_MEAN = 16;

  /** What divides head dims. */
  int HEAD_STEP = 16;

  /** The largest head dim. */
  int LARGEST_HEAD = 128;

  /**
   * What a call leaves in memory meanwhile.
   *
   * @param queries int8 {@code [Tq, H, D]}
   * @param queryScales fp32 {@code [Tq, H]}
   * @param keys int8 {@code [Tk, H, D]}
   * @param keyScales fp32 {@code [ceil(Tk / 128), H]}
   * @param values transformed values {@code [Tk, H, D]}; no rows in fp32 or without cameras
   */
  record Room(Tensor queries, Tensor queryScales, Tensor keys, Tensor keyScales, Tensor values) {
    /** Makes a tensor of unknown content. */
    @FunctionalInterface
    public interface Allocator {
      Tensor empty(DType dtype, long... extents);
    }

    /**
     * Room for a call.
     *
     * @param seen whether there are cameras
     */
    public static Room of(Tensor q, Tensor k, boolean seen, Allocator allocator) {
      long heads = k.size(1);
      long headDim = k.size(2);
      return new Room(
          allocator.empty(DType.I8, q.size(0), heads, headDim),
          allocator.empty(DType.F32, q.size(0), heads),
          allocator.empty(DType.I8, k.size(0), heads, headDim),
          allocator.empty(DType.F32, blocks(k), heads),
          allocator.empty(k.dtype(), valueRows(k, seen), heads, headDim));
    }

    private static int blocks(Tensor k) {
      return Math.ceilDiv(k.size(0), KEYS_OF_A_SCALE);
    }

    private static int valueRows(Tensor k, boolean seen) {
      return seen && k.dtype() != DType.F32 ? k.size(0) : 0;
    }

    private void check(Tensor q, Tensor k, boolean seen) {
      int heads = k.size(1);
      int headDim = k.size(2);
      Check.tensor("room for queries", queries, DType.I8, q.shape().extents());
      Check.tensor("room for scales of queries", queryScales, DType.F32, q.size(0), heads);
      Check.tensor("room for keys", keys, DType.I8, k.shape().extents());
      Check.tensor("room for scales of keys", keyScales, DType.F32, blocks(k), heads);
      Check.tensor("room for values", values, k.dtype(), valueRows(k, seen), heads, headDim);
    }
  }

  /**
   * Attends.
   *
   * @param cameras of the frames of queries and keys, or null
   */
  default void run(
      Tensor q, Tensor k, Tensor v, Cameras cameras, double scale, Room room, Tensor out) {
    Check.activation("q", q, 3, this::accepts);
    Check.rank("k", k, q.dtype(), 3);
    int heads = q.size(1);
    int headDim = q.size(2);
    int keys = k.size(0);
    Check.multiple("head dim of q", headDim, "channels of a step", HEAD_STEP);
    Check.that(
        headDim <= LARGEST_HEAD,
        "q: expected heads of at most " + LARGEST_HEAD + " channels, found " + q);
    Check.that(keys > 0, "k: expected at least one key, found " + k);
    Check.tensor("k", k, q.dtype(), keys, heads, headDim);
    Check.tensor("v", v, q.dtype(), keys, heads, headDim);
    Check.that(scale > 0, "scale: expected a positive number, found " + scale);
    if (cameras != null) {
      cameras.check(q.size(0), keys);
    }
    room.check(q, k, cameras != null);
    Check.tensor("out", out, q.dtype(), q.shape().extents());
    launch(q, k, v, cameras, scale, room, out);
  }

  /** Operations of a launch: a multiplication and an addition are two. */
  static double operations(
      Tensor q, Tensor k, Tensor v, Cameras cameras, double scale, Room room, Tensor out) {
    return 4.0 * q.elements() * k.size(0);
  }

  /** Implemented by backends; arguments are checked. */
  void launch(Tensor q, Tensor k, Tensor v, Cameras cameras, double scale, Room room, Tensor out);
}
