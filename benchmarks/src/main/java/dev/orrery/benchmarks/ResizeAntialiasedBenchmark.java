package dev.orrery.benchmarks;

import dev.orrery.kernels.image.ResizeAntialiased;
import dev.orrery.kernels.image.ResizeFilter;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import org.openjdk.jmh.annotations.Param;

/** {@link ResizeAntialiased} of a start image of 1080 rows to the size of the video. */
public class ResizeAntialiasedBenchmark extends MemoryBoundBenchmark {
  private static final int ROWS = 352;
  private static final int COLUMNS = 640;

  /** Y x X x C. */
  @Param("1080x1920x3")
  public String size;

  /** Filter. */
  @Param({"BILINEAR", "LANCZOS"})
  public ResizeFilter filter;

  /** Its sums are of integers. */
  public ResizeAntialiasedBenchmark() {
    super("Y x X x C", 0, Byte.BYTES);
  }

  @Override
  String size() {
    return size;
  }

  @Override
  public String shape() {
    return super.shape() + ", " + filter;
  }

  @Override
  public double bytes() {
    return super.bytes() + ROWS * COLUMNS * 3;
  }

  @Override
  Runnable call(int[] extents) {
    ResizeAntialiased resize = kernel(ResizeAntialiased.class);
    Tensor x = bytes(extents);
    Tensor out = empty(DType.U8, ROWS, COLUMNS, extents[2]);
    return () -> resize.run(x, filter, out);
  }
}
