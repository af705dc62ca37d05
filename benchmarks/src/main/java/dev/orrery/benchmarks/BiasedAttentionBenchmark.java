package dev.orrery.benchmarks;

import dev.orrery.kernels.attention.BiasedAttention;
import dev.orrery.kernels.tensor.Tensor;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/** {@link BiasedAttention} over the tokens of a prompt. */
public class BiasedAttentionBenchmark extends KernelBenchmark implements KernelCase.Arithmetic {
  /** Tq x Tk x H x D. */
  @Param({"40x40x64x64", "512x512x64x64"})
  public String size;

  private BiasedAttention biasedAttention;
  private Tensor q;
  private Tensor k;
  private Tensor v;
  private Tensor bias;
  private Tensor out;

  @Override
  void prepare() {
    int[] extents = Sizes.parse(size);
    biasedAttention = kernel(BiasedAttention.class);
    q = normal(extents[0], extents[2], extents[3]);
    k = normal(extents[1], extents[2], extents[3]);
    v = normal(extents[1], extents[2], extents[3]);
    bias = normal(extents[2], extents[0] + extents[1] - 1);
    out = empty(extents[0], extents[2], extents[3]);
  }

  @Override
  public String shape() {
    return Sizes.show("Tq x Tk x H x D", size);
  }

  /** Two products; the softmax is not counted. */
  @Override
  public double operations() {
    return 4 * Sizes.values(size);
  }

  /** The tensors, each once. */
  @Override
  public double bytes() {
    int[] n = Sizes.parse(size);
    double biases = (double) n[2] * (n[0] + n[1] - 1);
    return Float.BYTES * (2.0 * (n[0] + n[1]) * n[2] * n[3] + biases);
  }

  @Benchmark
  public Tensor run() {
    biasedAttention.run(q, k, v, bias, 1, out);
    return out;
  }
}
