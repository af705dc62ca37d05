package dev.orrery.kernels.layout;

import dev.orrery.kernels.cpu.CpuKernel;
import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Copies one row of a patch at a time where channels are the fastest, which is contiguous on both
 * sides, and single values otherwise. Both CPU backends list it, since a Simd version would have
 * nothing to compute.
 */
public final class UnpatchifyCpu extends CpuKernel implements Unpatchify {
  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;

  public UnpatchifyCpu(CpuThreads threads) {
    super(threads);
  }

  @Override
  public void launch(Tensor x, int patch, PatchOrder order, Tensor out) {
    PatchGrid grid = PatchGrid.of(out, patch);
    MemorySegment from = x.segment();
    MemorySegment to = out.segment();
    threads.forEach(
        grid.patchRows(),
        (patchRow, scratch) -> {
          for (int column = 0; column < grid.patchColumns(); column++) {
            long source = grid.token(patchRow, column) * grid.values();
            int filledColumns = grid.filledColumns(column);
            for (int dy = 0; dy < grid.filledRows(patchRow); dy++) {
              long target = grid.pixel(patchRow, column, dy) * grid.channels();
              if (order == PatchOrder.CHANNEL_FASTEST) {
                long inPatch = source + (long) dy * patch * grid.channels();
                long run = (long) filledColumns * grid.channels();
                MemorySegment.copy(
                    from, Float.BYTES * inPatch, to, Float.BYTES * target, Float.BYTES * run);
              } else {
                gather(from, source + (long) dy * patch, filledColumns, grid, to, target);
              }
            }
          }
        });
  }

  /** Rows of single channels to one row of a patch. */
  private static void gather(
      MemorySegment from, long source, int columns, PatchGrid grid, MemorySegment to, long target) {
    int channels = grid.channels();
    long plane = (long) grid.patch() * grid.patch();
    for (int dx = 0; dx < columns; dx++) {
      for (int channel = 0; channel < channels; channel++) {
        float value = from.getAtIndex(FLOAT, source + channel * plane + dx);
        to.setAtIndex(FLOAT, target + (long) dx * channels + channel, value);
      }
    }
  }
}
