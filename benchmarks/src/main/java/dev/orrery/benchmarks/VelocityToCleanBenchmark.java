package dev.orrery.benchmarks;

import dev.orrery.kernels.sampling.VelocityToClean;
import dev.orrery.kernels.tensor.Tensor;
import org.openjdk.jmh.annotations.Param;

/** {@link VelocityToClean} of the latents of a chunk. */
public class VelocityToCleanBenchmark extends MemoryBoundBenchmark {
  /** F x Y x X x C. */
  @Param("3x44x80x16")
  public String size;

  public VelocityToCleanBenchmark() {
    super("F x Y x X x C", 3 * Float.BYTES);
  }

  @Override
  String size() {
    return size;
  }

  @Override
  Runnable call(int[] extents) {
    VelocityToClean velocityToClean = kernel(VelocityToClean.class);
    Tensor noisy = normal(extents);
    Tensor velocity = normal(extents);
    Tensor out = empty(extents);
    return () -> velocityToClean.run(noisy, velocity, 0.75, out);
  }
}
