package dev.orrery.benchmarks;

import dev.orrery.kernels.image.FramesToBytes;
import dev.orrery.kernels.image.PixelRange;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import org.openjdk.jmh.annotations.Param;

/** {@link FramesToBytes} of the video of a chunk, and of a frame of jafar. */
public class FramesToBytesBenchmark extends MemoryBoundBenchmark {
  /** T x Y x X x C. */
  @Param({"12x352x640x3", "1x90x160x3"})
  public String size;

  /** Values that the decoder gives. */
  @Param({"SIGNED", "UNIT"})
  public PixelRange range;

  public FramesToBytesBenchmark() {
    super("T x Y x X x C", 4, Float.BYTES + Byte.BYTES);
  }

  @Override
  String size() {
    return size;
  }

  @Override
  public String shape() {
    return super.shape() + ", " + range;
  }

  @Override
  Runnable call(int[] extents) {
    FramesToBytes framesToBytes = kernel(FramesToBytes.class);
    Tensor x = normal(extents);
    Tensor out = empty(DType.U8, extents);
    return () -> framesToBytes.run(x, range, out);
  }
}
