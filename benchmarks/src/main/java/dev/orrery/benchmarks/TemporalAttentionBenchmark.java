package dev.orrery.benchmarks;

import dev.orrery.kernels.attention.TemporalAttention;
import dev.orrery.kernels.tensor.Tensor;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/** {@link TemporalAttention} over the frames of one step. */
public class TemporalAttentionBenchmark extends KernelBenchmark implements KernelCase.Arithmetic {
  /** F x Fk x S x H x D. */
  @Param({"3x3x880x16x64", "3x15x880x16x64"})
  public String size;

  private TemporalAttention temporalAttention;
  private Tensor q;
  private Tensor k;
  private Tensor v;
  private Tensor out;

  @Override
  void prepare() {
    int[] extents = Sizes.parse(size);
    temporalAttention = kernel(TemporalAttention.class);
    q = normal(extents[0], extents[2], extents[3], extents[4]);
    k = normal(extents[1], extents[2], extents[3], extents[4]);
    v = normal(extents[1], extents[2], extents[3], extents[4]);
    out = empty(extents[0], extents[2], extents[3], extents[4]);
  }

  @Override
  public String shape() {
    return Sizes.show("F x Fk x S x H x D", size);
  }

  /** Two products; the softmax is not counted. */
  @Override
  public double operations() {
    return 4 * Sizes.values(size);
  }

  @Benchmark
  public Tensor run() {
    temporalAttention.run(q, k, v, 1 / Math.sqrt(q.size(3)), out);
    return out;
  }
}
