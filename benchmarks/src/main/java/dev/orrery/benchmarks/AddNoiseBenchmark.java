package dev.orrery.benchmarks;

import dev.orrery.kernels.sampling.AddNoise;
import dev.orrery.kernels.tensor.Tensor;
import org.openjdk.jmh.annotations.Param;

/** {@link AddNoise} to the latents of a chunk. */
public class AddNoiseBenchmark extends MemoryBoundBenchmark {
  /** F x Y x X x C. */
  @Param("3x44x80x16")
  public String size;

  public AddNoiseBenchmark() {
    super("F x Y x X x C", 3 * Float.BYTES);
  }

  @Override
  String size() {
    return size;
  }

  @Override
  Runnable call(int[] extents) {
    AddNoise addNoise = kernel(AddNoise.class);
    Tensor clean = normal(extents);
    Tensor noise = normal(extents);
    Tensor out = empty(extents);
    return () -> addNoise.run(clean, noise, 0.75f, out);
  }
}
