package dev.orrery.benchmarks;

import dev.orrery.kernels.elementwise.Convert;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import org.openjdk.jmh.annotations.Param;

/** {@link Convert} of the encoded prompt, from the 16-bit types it is stored in. */
public class ConvertBenchmark extends MemoryBoundBenchmark {
  /** R x C. */
  @Param("512x4096")
  public String size;

  /** Type of the values. */
  @Param({"BF16", "F16"})
  public DType from;

  public ConvertBenchmark() {
    super("R x C", 0, Short.BYTES + Float.BYTES);
  }

  @Override
  String size() {
    return size;
  }

  @Override
  public String shape() {
    return super.shape() + ", from " + from;
  }

  @Override
  Runnable call(int[] extents) {
    Convert convert = kernel(Convert.class);
    Tensor x = normal(from, extents);
    Tensor out = empty(extents);
    return () -> convert.run(x, out);
  }
}
