package dev.orrery.benchmarks;

import dev.orrery.kernels.position.Rope;
import dev.orrery.kernels.tensor.Tensor;
import org.openjdk.jmh.annotations.Param;

/** {@link Rope} of the queries of a chunk, with a row of the table for each token. */
public class RopeBenchmark extends MemoryBoundBenchmark {
  /** T x H x D. */
  @Param("2640x12x128")
  public String size;

  public RopeBenchmark() {
    super("T x H x D", 3, 2 * Float.BYTES);
  }

  @Override
  String size() {
    return size;
  }

  /** Input, output and table. */
  @Override
  public double bytes() {
    int[] extents = Sizes.parse(size);
    return super.bytes() + (double) Float.BYTES * extents[0] * extents[2];
  }

  @Override
  Runnable call(int[] extents) {
    Rope rope = kernel(Rope.class);
    Tensor x = normal(extents);
    Tensor table = normal(extents[0], extents[2] / 2, 2);
    Tensor out = empty(extents);
    return () -> rope.run(x, table, out);
  }
}
