package dev.orrery.benchmarks;

import dev.orrery.kernels.elementwise.Silu;
import dev.orrery.kernels.tensor.Tensor;
import org.openjdk.jmh.annotations.Param;

/** {@link Silu} of as many values as a chunk has activations. */
public class SiluBenchmark extends MemoryBoundBenchmark {
  /** R x C. */
  @Param("2640x1536")
  public String size;

  public SiluBenchmark() {
    super("R x C", 3, 2 * Float.BYTES);
  }

  @Override
  String size() {
    return size;
  }

  @Override
  Runnable call(int[] extents) {
    Silu silu = kernel(Silu.class);
    Tensor x = normal(extents);
    Tensor out = empty(extents);
    return () -> silu.run(x, out);
  }
}
