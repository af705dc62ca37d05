package dev.orrery.benchmarks;

import dev.orrery.kernels.attention.Attention;
import dev.orrery.kernels.attention.PropeAttention;
import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.linear.Matmul;
import dev.orrery.kernels.tensor.Tensor;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/**
 * {@link PropeAttention} of frames to those of a memory window; keys beyond whole frames are plain
 * ones, as those of a text. {@code plain} is {@link Attention} of the same shape; {@code unfused}
 * writes transformed copies of queries, keys and values with a {@link Matmul} for each frame, and
 * transforms the output of {@link Attention} in the same way.
 */
public class PropeAttentionBenchmark extends KernelBenchmark implements KernelCase.Arithmetic {
  private static final int GROUP = PropeAttention.GROUP;
  private static final int TOKENS_PER_FRAME = 440;

  /** Tq x Tk x H x D. */
  @Param({"880x4400x4x128", "880x880x4x128", "880x4700x4x128"})
  public String size;

  private Attention attention;
  private PropeAttention propeAttention;
  private Tensor q;
  private Tensor k;
  private Tensor v;
  private Tensor imageFromWorld;
  private Tensor worldFromImage;
  private Tensor room;
  private Tensor out;
  private Matmul matmul;
  private Tensor transformedQ;
  private Tensor transformedK;
  private Tensor transformedV;
  private Tensor seen;
  private int plainKeys;

  @Override
  void prepare() {
    int[] extents = Sizes.parse(size);
    attention = kernel(Attention.class);
    propeAttention = kernel(PropeAttention.class);
    matmul = kernel(Matmul.class);
    q = normal(extents[0], extents[2], extents[3]);
    k = normal(extents[1], extents[2], extents[3]);
    v = normal(extents[1], extents[2], extents[3]);
    imageFromWorld = normal(extents[0] / TOKENS_PER_FRAME, GROUP, GROUP);
    plainKeys = extents[1] % TOKENS_PER_FRAME;
    worldFromImage = normal(extents[1] / TOKENS_PER_FRAME, GROUP, GROUP);
    room = empty(PropeAttention.roomRows(k), extents[2], extents[3]);
    out = empty(extents[0], extents[2], extents[3]);
    transformedQ = empty(extents[0], extents[2], extents[3]);
    transformedK = empty(extents[1], extents[2], extents[3]);
    transformedV = empty(extents[1], extents[2], extents[3]);
    seen = empty(extents[0], extents[2], extents[3]);
  }

  @Override
  public String shape() {
    return Sizes.show("Tq x Tk x H x D", size);
  }

  /** Two products; the softmax and the transforms are not counted. */
  @Override
  public double operations() {
    return 4 * Sizes.values(size);
  }

  /** Queries, keys, values and the result, each once. */
  @Override
  public double bytes() {
    int[] n = Sizes.parse(size);
    return 2.0 * Float.BYTES * (n[0] + n[1]) * n[2] * n[3];
  }

  @Benchmark
  public Tensor run() {
    propeAttention.run(q, k, v, imageFromWorld, worldFromImage, plainKeys, scale(), room, out);
    return out;
  }

  /** {@link Attention} of the same shape. */
  @Benchmark
  public Tensor plain() {
    attention.run(q, k, v, scale(), out);
    return out;
  }

  /**
   * The transforms as operations of their own; neither the values of the matrices nor those of the
   * plain keys matter here.
   */
  @Benchmark
  public Tensor unfused() {
    transform(q, imageFromWorld, transformedQ);
    transform(framed(k), worldFromImage, framed(transformedK));
    transform(framed(v), worldFromImage, framed(transformedV));
    attention.run(transformedQ, transformedK, transformedV, scale(), seen);
    transform(seen, imageFromWorld, out);
    return out;
  }

  private void transform(Tensor from, Tensor matrices, Tensor to) {
    for (int frame = 0; frame < matrices.size(0); frame++) {
      matmul.run(
          groups(from, frame), matrices.row(frame), null, Activation.NONE, groups(to, frame));
    }
  }

  /** The tokens that belong to frames. */
  private Tensor framed(Tensor tokens) {
    return tokens.slice(plainKeys, tokens.size(0));
  }

  /** The tokens of a frame, a group of channels a row. */
  private static Tensor groups(Tensor tokens, int frame) {
    long first = (long) frame * TOKENS_PER_FRAME;
    Tensor frameTokens = tokens.slice(first, first + TOKENS_PER_FRAME);
    return frameTokens.reshape(frameTokens.elements() / GROUP, GROUP);
  }

  private double scale() {
    return 1 / Math.sqrt(q.size(2));
  }
}
