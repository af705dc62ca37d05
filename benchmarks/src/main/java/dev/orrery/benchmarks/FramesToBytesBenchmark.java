package dev.orrery.benchmarks;

import dev.orrery.kernels.image.FramesToBytes;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/** {@link FramesToBytes} of the video of a chunk. */
public class FramesToBytesBenchmark extends MemoryBoundBenchmark {
  /** T x Y x X x C. */
  @Param("12x352x640x3")
  public String size;

  private FramesToBytes framesToBytes;
  private Tensor x;
  private Tensor out;

  @Override
  void prepare() {
    int[] extents = Sizes.parse(size);
    framesToBytes = kernel(FramesToBytes.class);
    x = normal(extents);
    out = empty(DType.U8, extents);
  }

  @Override
  public String shape() {
    return Sizes.show("T x Y x X x C", size);
  }

  @Override
  public double bytes() {
    return Sizes.bytes(size) + Sizes.values(size);
  }

  @Benchmark
  public Tensor run() {
    framesToBytes.run(x, out);
    return out;
  }
}
