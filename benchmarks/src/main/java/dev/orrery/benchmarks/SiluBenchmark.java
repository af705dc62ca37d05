package dev.orrery.benchmarks;

import dev.orrery.kernels.elementwise.Silu;
import dev.orrery.kernels.tensor.Tensor;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/** {@link Silu} of as many values as a chunk has activations. */
public class SiluBenchmark extends MemoryBoundBenchmark {
  /** R x C. */
  @Param("2640x1536")
  public String size;

  private Silu silu;
  private Tensor x;
  private Tensor out;

  @Override
  void prepare() {
    int[] extents = Sizes.parse(size);
    silu = kernel(Silu.class);
    x = normal(extents);
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
    silu.run(x, out);
    return out;
  }
}
