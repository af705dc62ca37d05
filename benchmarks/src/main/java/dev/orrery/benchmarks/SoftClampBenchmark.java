package dev.orrery.benchmarks;

import dev.orrery.kernels.elementwise.SoftClamp;
import dev.orrery.kernels.tensor.Tensor;
import org.openjdk.jmh.annotations.Param;

/** {@link SoftClamp} of the latents of a chunk, in front of the small decoder. */
public class SoftClampBenchmark extends MemoryBoundBenchmark {
  /** F x Y x X x C. */
  @Param("3x44x80x16")
  public String size;

  public SoftClampBenchmark() {
    super("F x Y x X x C", 3, 2 * Float.BYTES);
  }

  @Override
  String size() {
    return size;
  }

  @Override
  Runnable call(int[] extents) {
    SoftClamp clamp = kernel(SoftClamp.class);
    Tensor x = normal(extents);
    Tensor out = empty(extents);
    return () -> clamp.run(x, 3, out);
  }
}
