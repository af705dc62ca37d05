package dev.orrery.benchmarks;

import dev.orrery.kernels.position.Rope;
import dev.orrery.kernels.tensor.Tensor;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/** {@link Rope} of the queries of a chunk, with a row of the table for each token. */
public class RopeBenchmark extends MemoryBoundBenchmark {
  /** T x H x D. */
  @Param("2640x12x128")
  public String size;

  private Rope rope;
  private Tensor x;
  private Tensor table;
  private Tensor out;

  @Override
  void prepare() {
    int[] extents = Sizes.parse(size);
    rope = kernel(Rope.class);
    x = normal(extents);
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
    rope.run(x, table, out);
    return out;
  }
}
