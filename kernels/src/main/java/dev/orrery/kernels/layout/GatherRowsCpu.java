package dev.orrery.kernels.layout;

import dev.orrery.kernels.cpu.CpuKernel;
import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.cpu.FloatView;
import dev.orrery.kernels.cpu.Scratch;
import dev.orrery.kernels.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * A row at a time, by way of an array in which it is widened. Both CPU backends list it, since a
 * Simd version would have nothing to compute but one addition, which C2 makes vectors of.
 */
public final class GatherRowsCpu extends CpuKernel implements GatherRows {
  private static final Scratch.Floats ROW = new Scratch.Floats();
  private static final Scratch.Floats SUM = new Scratch.Floats();

  /** Values of one item of work. */
  private static final int ITEM_VALUES = 32768;

  public GatherRowsCpu(CpuThreads threads) {
    super(threads);
  }

  @Override
  public void launch(Tensor table, Tensor ids, boolean add, Tensor out) {
    if (out.elements() == 0) {
      return;
    }
    int rows = out.size(0);
    int rowsPerItem = Math.max(1, ITEM_VALUES / out.size(1));
    FloatView values = FloatView.of(table);
    MemorySegment numbers = ids.segment();
    MemorySegment outs = out.segment();
    threads.forEach(
        Math.ceilDiv(rows, rowsPerItem),
        (item, scratch) -> {
          int end = Math.min(rows, (item + 1) * rowsPerItem);
          for (int row = item * rowsPerItem; row < end; row++) {
            int id = numbers.get(ValueLayout.JAVA_INT_UNALIGNED, 4L * row);
            gather(values, id, table, add, outs, row, scratch);
          }
        });
  }

  private static void gather(
      FloatView values,
      int id,
      Tensor table,
      boolean add,
      MemorySegment outs,
      int row,
      Scratch scratch) {
    int columns = table.size(1);
    long at = 4L * row * columns;
    float[] gathered = scratch.floats(ROW, columns);
    if (id < 0 || id >= table.size(0)) {
      Arrays.fill(gathered, 0, columns, Float.NaN);
    } else {
      values.copy((long) id * columns, gathered, 0, columns);
    }
    if (add) {
      float[] sum = scratch.floats(SUM, columns);
      MemorySegment.copy(outs, ValueLayout.JAVA_FLOAT_UNALIGNED, at, sum, 0, columns);
      for (int c = 0; c < columns; c++) {
        gathered[c] += sum[c];
      }
    }
    MemorySegment.copy(gathered, 0, outs, ValueLayout.JAVA_FLOAT_UNALIGNED, at, columns);
  }
}
