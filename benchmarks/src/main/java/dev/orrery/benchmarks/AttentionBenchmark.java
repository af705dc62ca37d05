package dev.orrery.benchmarks;

import dev.orrery.kernels.attention.Attention;
import dev.orrery.kernels.tensor.Tensor;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/**
 * {@link Attention} over the cached keys of a world model, and at the size of a small demo model.
 */
public class AttentionBenchmark extends KernelBenchmark implements KernelCase.Arithmetic {
  /** Tq x Tk x H x D. */
  @Param({"880x5280x12x128", "880x880x16x64", "72x216x3x64"})
  public String size;

  private Attention attention;
  private Tensor q;
  private Tensor k;
  private Tensor v;
  private Tensor out;

  @Override
  void prepare() {
    int[] extents = Sizes.parse(size);
    attention = kernel(Attention.class);
    q = normal(extents[0], extents[2], extents[3]);
    k = normal(extents[1], extents[2], extents[3]);
    v = normal(extents[1], extents[2], extents[3]);
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

  @Benchmark
  public Tensor run() {
    attention.run(q, k, v, 1 / Math.sqrt(q.size(2)), out);
    return out;
  }
}
