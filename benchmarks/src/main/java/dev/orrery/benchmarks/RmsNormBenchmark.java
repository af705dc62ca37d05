package dev.orrery.benchmarks;

import dev.orrery.kernels.norm.RmsNorm;
import dev.orrery.kernels.tensor.Tensor;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/** {@link RmsNorm} of the queries and keys of a chunk. */
public class RmsNormBenchmark extends MemoryBoundBenchmark {
  /** R x C. */
  @Param("2640x1536")
  public String size;

  private RmsNorm rmsNorm;
  private Tensor x;
  private Tensor weight;
  private Tensor out;

  @Override
  void prepare() {
    int[] extents = Sizes.parse(size);
    rmsNorm = kernel(RmsNorm.class);
    x = normal(extents);
    weight = normal(extents[1]);
    out = empty(extents);
  }

  @Override
  public String shape() {
    return Sizes.show("R x C", size);
  }

  @Override
  public double bytes() {
    return 2 * Sizes.bytes(size);
  }

  @Benchmark
  public Tensor run() {
    rmsNorm.run(x, weight, 1e-6, out);
    return out;
  }
}
