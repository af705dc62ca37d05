package dev.orrery.benchmarks;

import dev.orrery.kernels.image.ResizeBicubic;
import dev.orrery.kernels.tensor.Tensor;
import org.openjdk.jmh.annotations.Param;

/** {@link ResizeBicubic} of a start image to the size that the image encoder sees. */
public class ResizeBicubicBenchmark extends MemoryBoundBenchmark {
  private static final int SIDE = 224;
  private static final int TAPS = 4;

  /** Y x X x C. */
  @Param("352x640x3")
  public String size;

  public ResizeBicubicBenchmark() {
    super("Y x X x C", 0, Float.BYTES);
  }

  @Override
  String size() {
    return size;
  }

  /** A product and a sum for each of the sixteen pixels around a result. */
  @Override
  public double operations() {
    return 2.0 * TAPS * TAPS * SIDE * SIDE * 3;
  }

  @Override
  public double bytes() {
    return super.bytes() + Float.BYTES * SIDE * SIDE * 3;
  }

  @Override
  Runnable call(int[] extents) {
    ResizeBicubic resize = kernel(ResizeBicubic.class);
    Tensor x = normal(extents);
    Tensor out = empty(SIDE, SIDE, extents[2]);
    return () -> resize.run(x, out);
  }
}
