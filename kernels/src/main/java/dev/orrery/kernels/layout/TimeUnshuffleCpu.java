package dev.orrery.kernels.layout;

import dev.orrery.kernels.cpu.CpuKernel;
import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/**
 * Copies half a pixel at a time. Both CPU backends list it, since a Simd version would have nothing
 * to compute.
 */
public final class TimeUnshuffleCpu extends CpuKernel implements TimeUnshuffle {
  /** Pixels of one item of work: some tens of kilobytes. */
  private static final int STRIP = 256;

  public TimeUnshuffleCpu(CpuThreads threads) {
    super(threads);
  }

  @Override
  public void launch(Tensor x, Tensor out) {
    int pixels = x.size(1);
    int strips = (pixels + STRIP - 1) / STRIP;
    long halfBytes = 2L * x.size(2);
    MemorySegment from = x.segment();
    MemorySegment to = out.segment();
    threads.forEach(
        x.size(0) * strips,
        (item, scratch) -> {
          long frame = item / strips;
          int first = item % strips * STRIP;
          for (int pixel = first; pixel < Math.min(pixels, first + STRIP); pixel++) {
            long source = (frame * pixels + pixel) * 2 * halfBytes;
            long target = (2 * frame * pixels + pixel) * halfBytes;
            MemorySegment.copy(from, source, to, target, halfBytes);
            MemorySegment.copy(
                from, source + halfBytes, to, target + pixels * halfBytes, halfBytes);
          }
        });
  }
}
