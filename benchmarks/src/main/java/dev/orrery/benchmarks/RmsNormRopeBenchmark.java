package dev.orrery.benchmarks;

import dev.orrery.kernels.position.RmsNormRope;
import dev.orrery.kernels.position.RmsNormRope.Span;
import dev.orrery.kernels.tensor.Tensor;
import org.openjdk.jmh.annotations.Param;

/** {@link RmsNormRope} of the queries of a chunk. */
public class RmsNormRopeBenchmark extends MemoryBoundBenchmark {
  /** T x H x D. */
  @Param("2640x12x128")
  public String size;

  public RmsNormRopeBenchmark() {
    super("T x H x D", 7, 2 * Float.BYTES);
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
    RmsNormRope kernel = kernel(RmsNormRope.class);
    Tensor x = normal(extents);
    Tensor weight = normal(extents[1] * extents[2]);
    Tensor table = normal(extents[0], extents[2] / 2, 2);
    Tensor out = empty(extents);
    return () -> kernel.run(x, Span.TOKEN, weight, 1e-6, table, out);
  }
}
