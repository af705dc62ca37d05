package dev.orrery.benchmarks;

import dev.orrery.kernels.sampling.AddNoise;
import dev.orrery.kernels.tensor.Tensor;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/** {@link AddNoise} to the latents of a chunk. */
public class AddNoiseBenchmark extends MemoryBoundBenchmark {
  /** F x Y x X x C. */
  @Param("3x44x80x16")
  public String size;

  private AddNoise addNoise;
  private Tensor clean;
  private Tensor noise;
  private Tensor out;

  @Override
  void prepare() {
    int[] extents = Sizes.parse(size);
    addNoise = kernel(AddNoise.class);
    clean = normal(extents);
    noise = normal(extents);
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
    addNoise.run(clean, noise, 0.75f, out);
    return out;
  }
}
