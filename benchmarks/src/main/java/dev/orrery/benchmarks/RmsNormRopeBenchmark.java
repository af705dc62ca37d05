package dev.orrery.benchmarks;

import dev.orrery.kernels.position.RmsNormRope;
import dev.orrery.kernels.position.RmsNormRope.Span;
import dev.orrery.kernels.tensor.Tensor;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/** {@link RmsNormRope} of the queries of a chunk. */
public class RmsNormRopeBenchmark extends MemoryBoundBenchmark {
  /** T x H x D. */
  @Param("2640x12x128")
  public String size;

  private RmsNormRope kernel;
  private Tensor x;
  private Tensor weight;
  private Tensor table;
  private Tensor out;

  @Override
  void prepare() {
    int[] extents = Sizes.parse(size);
    kernel = kernel(RmsNormRope.class);
    x = normal(extents);
    weight = normal(extents[1] * extents[2]);
    table = normal(extents[0], extents[2] / 2, 2);
    out = empty(extents);
  }

  @Override
  public String shape() {
    return Sizes.show("T x H x D", size);
  }

  /** Input, output and table. */
  @Override
  public double bytes() {
    int[] extents = Sizes.parse(size);
    return 2 * Sizes.bytes(size) + (double) Float.BYTES * extents[0] * extents[2];
  }

  @Benchmark
  public Tensor run() {
    kernel.run(x, Span.TOKEN, weight, 1e-6, table, out);
    return out;
  }
}
