package dev.orrery.benchmarks;

import dev.orrery.kernels.sampling.CleanFromFlow;
import dev.orrery.kernels.tensor.Tensor;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/** {@link CleanFromFlow} of the latents of a block. */
public class CleanFromFlowBenchmark extends MemoryBoundBenchmark {
  /** F x Y x X x C. */
  @Param("3x44x80x16")
  public String size;

  private CleanFromFlow cleanFromFlow;
  private Tensor noisy;
  private Tensor flow;
  private Tensor out;

  @Override
  void prepare() {
    int[] extents = Sizes.parse(size);
    cleanFromFlow = kernel(CleanFromFlow.class);
    noisy = normal(extents);
    flow = normal(extents);
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
    cleanFromFlow.run(noisy, flow, 0.75, out);
    return out;
  }
}
