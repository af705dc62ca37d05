package dev.orrery.benchmarks;

import dev.orrery.kernels.layout.PatchOrder;
import dev.orrery.kernels.layout.UpsampleShortcut;
import dev.orrery.kernels.tensor.Tensor;
import org.openjdk.jmh.annotations.Param;

/** {@link UpsampleShortcut} of the first stage of the decoder of Wan 2.2, on a latent frame. */
public class UpsampleShortcutBenchmark extends MemoryBoundBenchmark {
  private static final int FRAMES = 2;
  private static final int SIDE = 2;

  /** T x Y x X x C. */
  @Param("1x44x80x1024")
  public String size;

  /** The input is read, eight times as much is read and written. */
  public UpsampleShortcutBenchmark() {
    super("T x Y x X x C", 0, 17 * Float.BYTES);
  }

  @Override
  String size() {
    return size;
  }

  @Override
  Runnable call(int[] extents) {
    UpsampleShortcut shortcut = kernel(UpsampleShortcut.class);
    Tensor x = normal(extents);
    Tensor out = empty(FRAMES * extents[0], SIDE * extents[1], SIDE * extents[2], extents[3]);
    return () -> shortcut.run(x, FRAMES, SIDE, PatchOrder.CHANNEL_SLOWEST, out);
  }
}
