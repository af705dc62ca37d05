package dev.orrery.benchmarks;

import dev.orrery.kernels.elementwise.Multiply;
import dev.orrery.kernels.tensor.Tensor;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/**
 * {@link Multiply} of the two halves of a gated feed-forward layer, for a long prompt and a short
 * one.
 */
public class MultiplyBenchmark extends MemoryBoundBenchmark {
  /** R x C. */
  @Param({"512x10240", "40x10240"})
  public String size;

  private Multiply multiply;
  private Tensor a;
  private Tensor b;
  private Tensor out;

  @Override
  void prepare() {
    int[] extents = Sizes.parse(size);
    multiply = kernel(Multiply.class);
    a = normal(extents);
    b = normal(extents);
    out = empty(extents);
  }

  @Override
  public String shape() {
    return Sizes.show("R x C", size);
  }

  @Override
  public double bytes() {
    return 3 * Sizes.bytes(size);
  }

  @Benchmark
  public Tensor run() {
    multiply.run(a, b, out);
    return out;
  }
}
