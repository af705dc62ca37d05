package dev.orrery.kernels.cpu;

import dev.orrery.kernels.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * One pass over the rows of a tensor: each row is brought to an array, changed there and stored. Memory is read once and
 * written once; the row function sees plain arrays in the first-level cache and needs no loop for leftover columns, because
 * rows in the array are padded to whole vectors.
 *
 * <p>A row's result depends on nothing but the row, so it does not depend on the number of threads. The output may be the
 * input.
 */
public final class RowPass {
  /** First slot of the scratch memory that a row function may use itself. */
  public static final int FREE_SLOT = 1;

  /** Values of one item of work: some tens of microseconds, against the few that waking a thread costs. */
  static final int ITEM_VALUES = 32768;

  /** Values brought to an array at a time: 16 kB, so that operands beside them fit in a first-level cache too. */
  static final int BLOCK_VALUES = 4096;

  /** Changes one row. */
  @FunctionalInterface
  public interface Row {
    /**
     * Replaces the row's values by the results.
     *
     * @param values holds the row from {@code at} on; the padding behind it is zero and may be overwritten
     * @param at where the row starts
     * @param row which row of the tensor
     * @param scratch memory of this thread, from {@link #FREE_SLOT} on
     */
    void run(float[] values, int at, int row, Scratch scratch);
  }

  private RowPass() {}

  /** Row length in the array: {@code columns} rounded up to whole vectors. */
  public static int padded(int columns) {
    return (columns + SimdTile.LANES - 1) / SimdTile.LANES * SimdTile.LANES;
  }

  /**
   * A weight as fp32 values, padded so that whole vectors can be read. Scratch of {@link CpuThreads#shared()} is meant for
   * it, with the monitor of the threads held until the kernel is done.
   */
  public static float[] widen(Tensor weight, Scratch scratch, int slot) {
    int count = Math.toIntExact(weight.elements());
    float[] values = scratch.floats(slot, count + SimdTile.LANES);
    FloatView.of(weight).copy(0, values, 0, count);
    return values;
  }

  /**
   * Runs {@code function} on every row.
   *
   * @param x fp32, a whole number of rows
   * @param columns values of a row
   * @param out as many values as x
   */
  public static void run(CpuThreads threads, Tensor x, int columns, Tensor out, Row function) {
    int rows = columns == 0 ? 0 : Math.toIntExact(x.elements() / columns);
    int rowsPerItem = Math.max(1, ITEM_VALUES / Math.max(1, columns));
    MemorySegment from = x.segment();
    MemorySegment to = out.segment();
    threads.forEach(
        Math.ceilDiv(rows, rowsPerItem),
        (item, scratch) -> {
          int first = item * rowsPerItem;
          int end = Math.min(rows, first + rowsPerItem);
          rows(from, first, end, columns, to, function, scratch);
        });
  }

  private static void rows(
      MemorySegment from, int first, int end, int columns, MemorySegment to, Row function, Scratch scratch) {
    int stride = padded(columns);
    int rowsPerBlock = Math.max(1, BLOCK_VALUES / stride);
    float[] values = scratch.floats(0, rowsPerBlock * stride);
    for (int start = first; start < end; start += rowsPerBlock) {
      int count = Math.min(rowsPerBlock, end - start);
      load(from, start, count, columns, values, stride);
      for (int i = 0; i < count; i++) {
        function.run(values, i * stride, start + i, scratch);
      }
      store(values, stride, to, start, count, columns);
    }
  }

  private static void load(
      MemorySegment from, int start, int count, int columns, float[] values, int stride) {
    long at = 4L * start * columns;
    if (stride == columns) {
      MemorySegment.copy(from, ValueLayout.JAVA_FLOAT_UNALIGNED, at, values, 0, count * columns);
      return;
    }
    for (int i = 0; i < count; i++) {
      int row = i * stride;
      MemorySegment.copy(from, ValueLayout.JAVA_FLOAT_UNALIGNED, at, values, row, columns);
      Arrays.fill(values, row + columns, row + stride, 0);
      at += 4L * columns;
    }
  }

  private static void store(
      float[] values, int stride, MemorySegment to, int start, int count, int columns) {
    long at = 4L * start * columns;
    if (stride == columns) {
      MemorySegment.copy(values, 0, to, ValueLayout.JAVA_FLOAT_UNALIGNED, at, count * columns);
      return;
    }
    for (int i = 0; i < count; i++) {
      MemorySegment.copy(values, i * stride, to, ValueLayout.JAVA_FLOAT_UNALIGNED, at, columns);
      at += 4L * columns;
    }
  }
}
