package dev.orrery.kernels.layout;

import dev.orrery.kernels.cpu.CpuKernel;
import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Copies one row of a patch at a time where channels are the fastest, which is contiguous on both
 * sides, and single values otherwise.
 */
public final class PatchifyCpu extends CpuKernel implements Patchify {
  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;

  public PatchifyCpu(CpuThreads threads) {
    super(threads);
  }

  @Override
  public void launch(Tensor x, int patch, PatchOrder order, int offset, Tensor out) {
    PatchGrid grid = PatchGrid.of(x, patch);
    long width = out.size(1);
    MemorySegment from = x.segment();
    MemorySegment to = out.segment();
    threads.forEach(
        grid.patchRows(),
        (patchRow, scratch) -> {
          for (int column = 0; column < grid.patchColumns(); column++) {
            long target = grid.token(patchRow, column) * width + offset;
            int filledRows = grid.filledRows(patchRow);
            int filledColumns = grid.filledColumns(column);
            if (filledRows < patch || filledColumns < patch) {
              to.asSlice(Float.BYTES * target, Float.BYTES * grid.values()).fill((byte) 0);
            }
            for (int dy = 0; dy < filledRows; dy++) {
              long source = grid.pixel(patchRow, column, dy) * grid.channels();
              if (order == PatchOrder.CHANNEL_FASTEST) {
                long inPatch = target + (long) dy * patch * grid.channels();
                long run = (long) filledColumns * grid.channels();
                MemorySegment.copy(
                    from, Float.BYTES * source, to, Float.BYTES * inPatch, Float.BYTES * run);
              } else {
                spread(from, source, filledColumns, grid, to, target + (long) dy * patch);
              }
            }
          }
        });
  }

  /** One row of a patch to rows of single channels. */
  private static void spread(
      MemorySegment from, long source, int columns, PatchGrid grid, MemorySegment to, long target) {
    int channels = grid.channels();
    long plane = (long) grid.patch() * grid.patch();
    for (int dx = 0; dx < columns; dx++) {
      for (int channel = 0; channel < channels; channel++) {
        float value = from.getAtIndex(FLOAT, source + (long) dx * channels + channel);
        to.setAtIndex(FLOAT, target + channel * plane + dx, value);
      }
    }
  }
}
