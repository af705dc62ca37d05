package dev.orrery.benchmarks;

import dev.orrery.kernels.layout.DownsampleShortcut;
import dev.orrery.kernels.layout.PatchOrder;
import dev.orrery.kernels.tensor.Tensor;
import org.openjdk.jmh.annotations.Param;

/** {@link DownsampleShortcut} of the first stage of the encoder of Wan 2.2, on a start image. */
public class DownsampleShortcutBenchmark extends MemoryBoundBenchmark {
  private static final int SIDE = 2;

  /** T x Y x X x C. */
  @Param("1x352x640x160")
  public String size;

  /** The input is read, a quarter as much is read and written. */
  public DownsampleShortcutBenchmark() {
    super("T x Y x X x C", 1, 1.5 * Float.BYTES);
  }

  @Override
  String size() {
    return size;
  }

  @Override
  Runnable call(int[] extents) {
    DownsampleShortcut shortcut = kernel(DownsampleShortcut.class);
    Tensor x = normal(extents);
    Tensor out = empty(extents[0], extents[1] / SIDE, extents[2] / SIDE, extents[3]);
    return () -> shortcut.run(x, 1, SIDE, PatchOrder.CHANNEL_SLOWEST, out);
  }
}
