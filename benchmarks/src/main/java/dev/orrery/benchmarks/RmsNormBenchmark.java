package dev.orrery.benchmarks;

import dev.orrery.kernels.norm.RmsNorm;
import dev.orrery.kernels.tensor.Tensor;
import org.openjdk.jmh.annotations.Param;

/** {@link RmsNorm} of the queries and keys of a chunk. */
public class RmsNormBenchmark extends MemoryBoundBenchmark {
  /** R x C. */
  @Param("2640x1536")
  public String size;

  public RmsNormBenchmark() {
    super("R x C", 4, 2 * Float.BYTES);
  }

  @Override
  String size() {
    return size;
  }

  @Override
  Runnable call(int[] extents) {
    RmsNorm rmsNorm = kernel(RmsNorm.class);
    Tensor x = normal(extents);
    Tensor weight = normal(extents[1]);
    Tensor out = empty(extents);
    return () -> rmsNorm.run(x, weight, 1e-6, out);
  }
}
