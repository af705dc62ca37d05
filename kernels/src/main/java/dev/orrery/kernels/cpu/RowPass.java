package dev.orrery.kernels.cpu;

import dev.orrery.kernels.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * One pass over the rows of a tensor, or of two tensors of one shape. A row function works in whole
 * vectors, and in tensor memory where rows consist of them: with Add, going through arrays took 2.5
 * times as long. Rows of other lengths are copied to where they are padded, so no function needs a
 * loop for leftover columns.
 *
 * <p>Functions with much arithmetic or with short inner loops go through arrays always ({@link
 * #arrays}): each access to tensor memory costs C2 thousands of nodes, and when they run out it
 * stops inlining and allocates vectors, ten times slower.
 *
 * <p>A row's result depends on nothing but the row, so it does not depend on the number of threads.
 * The output may be an input.
 */
public final class RowPass {
  /** Values that {@link #elements} hands to the function at a time. */
  public static final int BLOCK = 4096;

  /**
   * Values of one item of work: some ten microseconds, against the few that waking a thread costs.
   */
  private static final int ITEM_VALUES = 32768;

  /** Padded rows of the operands, in a thread's own scratch. */
  private static final Scratch.Memory X = new Scratch.Memory();

  private static final Scratch.Memory Y = new Scratch.Memory();

  /** The rows of {@link #arrays}. */
  private static final Scratch.Floats VALUES = new Scratch.Floats();

  /**
   * Memory of a row function. All of it is addressed by the same offset.
   *
   * @param x first operand
   * @param y second operand; x where there is none
   * @param out the result, which may be an operand
   */
  public record Rows(MemorySegment x, MemorySegment y, MemorySegment out) {}

  /** Computes one row. */
  @FunctionalInterface
  public interface Row {
    /**
     * Computes a row. Where its length is not a whole number of vectors, zeros that may be
     * overwritten fill up the last one.
     *
     * @param at byte offset of the row in each memory of {@code rows}
     * @param row which row of the tensor
     */
    void run(Rows rows, long at, int row);
  }

  /** Computes rows in an array. */
  @FunctionalInterface
  public interface ArrayRows {
    /**
     * Replaces rows by their results.
     *
     * @param values rows from the start of the array on, each with zeros behind it that may be
     *     overwritten, up to {@link #padded} length
     * @param first which row of the tensor the first one is
     * @param rows how many there are
     */
    void run(float[] values, int first, int rows);
  }

  private RowPass() {}

  /** Row length as functions see it: {@code columns} rounded up to whole vectors. */
  public static int padded(int columns) {
    return (columns + SimdTile.LANES - 1) / SimdTile.LANES * SimdTile.LANES;
  }

  /**
   * A weight as fp32 values, with room behind it so that whole vectors can be read. Scratch of
   * {@link CpuThreads#shared()} is meant for it, with the monitor of the threads held until the
   * kernel is done.
   */
  public static float[] widen(Tensor weight, Scratch scratch, Scratch.Floats key) {
    int count = Math.toIntExact(weight.elements());
    float[] values = scratch.floats(key, count + SimdTile.LANES);
    FloatView.of(weight).copy(0, values, 0, count);
    return values;
  }

  /**
   * Runs {@code function} on every row of x.
   *
   * @param columns values of a row
   */
  public static void run(CpuThreads threads, Tensor x, int columns, Tensor out, Row function) {
    MemorySegment from = x.segment();
    run(threads, new Rows(from, from, out.segment()), out.elements(), columns, function);
  }

  /** Runs {@code function} on every row of x and y. */
  public static void run(
      CpuThreads threads, Tensor x, Tensor y, int columns, Tensor out, Row function) {
    Rows rows = new Rows(x.segment(), y.segment(), out.segment());
    run(threads, rows, out.elements(), columns, function);
  }

  /**
   * Runs {@code function} on blocks of {@link #BLOCK} values, whatever the shape; the last one may
   * be padded.
   */
  public static void elements(CpuThreads threads, Tensor x, Tensor out, Row function) {
    run(threads, x, BLOCK, out, function);
  }

  /** Runs {@code function} on blocks of {@link #BLOCK} values of x and y, which have one shape. */
  public static void elements(CpuThreads threads, Tensor x, Tensor y, Tensor out, Row function) {
    run(threads, x, y, BLOCK, out, function);
  }

  /**
   * Runs {@code function} on all rows of x, brought to an array and back: as many at a time as
   * {@link #BLOCK} values hold, since each copy costs some 20 nanoseconds.
   */
  public static void arrays(
      CpuThreads threads, Tensor x, int columns, Tensor out, ArrayRows function) {
    MemorySegment to = out.segment();
    arrays(
        threads,
        x,
        columns,
        (values, first, rows) -> {
          function.run(values, first, rows);
          store(values, first, rows, columns, to);
        });
  }

  /** Runs {@code function}, which stores its results itself, on all rows of x in an array. */
  public static void arrays(CpuThreads threads, Tensor x, int columns, ArrayRows function) {
    MemorySegment from = x.segment();
    int padded = padded(columns);
    int rows = Math.toIntExact(x.elements() / Math.max(1, columns));
    int blockRows = Math.max(1, BLOCK / Math.max(1, padded));
    split(
        threads,
        x.elements(),
        blockRows * columns,
        (block, scratch) -> {
          int first = block * blockRows;
          int count = Math.min(blockRows, rows - first);
          float[] values = scratch.floats(VALUES, blockRows * padded);
          load(from, first, count, columns, values);
          function.run(values, first, count);
        });
  }

  private static void run(CpuThreads threads, Rows rows, long elements, int columns, Row function) {
    int padded = padded(columns);
    long wholeRows = columns == padded && columns > 0 ? elements / columns : 0;
    split(
        threads,
        elements,
        columns,
        (row, scratch) -> {
          long first = (long) row * columns;
          if (row < wholeRows) {
            function.run(rows, 4 * first, row);
          } else {
            int values = (int) Math.min(columns, elements - first);
            padded(rows, 4 * first, values, padded, row, function, scratch);
          }
        });
  }

  /**
   * Runs {@code item} for every row, on all threads if there is enough work for them.
   *
   * @param columns values of a row
   */
  public static void split(CpuThreads threads, long elements, int columns, CpuThreads.Item item) {
    if (elements == 0) {
      return;
    }
    int rows = Math.toIntExact(Math.ceilDiv(elements, (long) columns));
    int rowsPerItem = Math.max(1, ITEM_VALUES / columns);
    threads.forEach(
        Math.ceilDiv(rows, rowsPerItem),
        (index, scratch) -> {
          int end = Math.min(rows, (index + 1) * rowsPerItem);
          for (int row = index * rowsPerItem; row < end; row++) {
            item.run(row, scratch);
          }
        });
  }

  private static void padded(
      Rows rows, long at, int values, int padded, int row, Row function, Scratch scratch) {
    MemorySegment x = load(rows.x(), at, values, padded, scratch.memory(X, 4L * padded));
    MemorySegment y =
        rows.y() == rows.x()
            ? x
            : load(rows.y(), at, values, padded, scratch.memory(Y, 4L * padded));
    function.run(new Rows(x, y, x), 0, row);
    MemorySegment.copy(x, 0, rows.out(), at, 4L * values);
  }

  private static MemorySegment load(
      MemorySegment from, long at, int values, int padded, MemorySegment to) {
    MemorySegment.copy(from, at, to, 0, 4L * values);
    to.asSlice(4L * values, 4L * (padded - values)).fill((byte) 0);
    return to;
  }

  private static void load(MemorySegment from, int first, int rows, int columns, float[] values) {
    long at = 4L * first * columns;
    int padded = padded(columns);
    if (padded == columns) {
      MemorySegment.copy(from, ValueLayout.JAVA_FLOAT_UNALIGNED, at, values, 0, rows * columns);
      return;
    }
    for (int row = 0; row < rows; row++) {
      int to = row * padded;
      long source = at + 4L * row * columns;
      MemorySegment.copy(from, ValueLayout.JAVA_FLOAT_UNALIGNED, source, values, to, columns);
      Arrays.fill(values, to + columns, to + padded, 0);
    }
  }

  private static void store(float[] values, int first, int rows, int columns, MemorySegment to) {
    long at = 4L * first * columns;
    int padded = padded(columns);
    if (padded == columns) {
      MemorySegment.copy(values, 0, to, ValueLayout.JAVA_FLOAT_UNALIGNED, at, rows * columns);
      return;
    }
    for (int row = 0; row < rows; row++) {
      long target = at + 4L * row * columns;
      MemorySegment.copy(
          values, row * padded, to, ValueLayout.JAVA_FLOAT_UNALIGNED, target, columns);
    }
  }
}
