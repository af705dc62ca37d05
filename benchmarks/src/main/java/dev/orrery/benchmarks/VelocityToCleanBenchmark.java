package dev.orrery.benchmarks;

import dev.orrery.kernels.sampling.VelocityToClean;
import dev.orrery.kernels.tensor.Tensor;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/** {@link VelocityToClean} of the latents of a chunk. */
public class VelocityToCleanBenchmark extends MemoryBoundBenchmark {
  /** F x Y x X x C. */
  @Param("3x44x80x16")
  public String size;

  private VelocityToClean velocityToClean;
  private Tensor noisy;
  private Tensor velocity;
  private Tensor out;

  @Override
  void prepare() {
    int[] extents = Sizes.parse(size);
    velocityToClean = kernel(VelocityToClean.class);
    noisy = normal(extents);
    velocity = normal(extents);
    out = empty(extents);
  }

  @Override
  public String shape() {
    return Sizes.show("F x Y x X x C", size);
  }

  @Override
  public double bytes() {
    return 3 * Sizes.bytes(size);
  }

  @Benchmark
  public Tensor run() {
    velocityToClean.run(noisy, velocity, 0.75, out);
    return out;
  }
}
