package dev.orrery.kernels.attention;

import dev.orrery.kernels.cpu.Panels;
import dev.orrery.kernels.cpu.Scratch;
import dev.orrery.kernels.cpu.SimdTile;
import dev.orrery.kernels.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The way back from {@code [d][query]}, in which the Simd attentions compute, to rows of the
 * output.
 */
final class QueryRowsSimd {
  private static final Scratch.Floats WORK = new Scratch.Floats();
  private static final Scratch.Floats ROWS = new Scratch.Floats();

  private QueryRowsSimd() {}

  /**
   * Stores the results of a panel of queries for one head.
   *
   * @param outs {@code [headDim][COLUMNS]} from {@code at} on
   * @param transform what happens to a row before it is stored
   * @param first row of the output that belongs to the first query
   * @param count queries to store, up to COLUMNS
   * @param rowLength elements from one row of the output to the next
   * @param column first element of the head in a row
   */
  static void store(
      float[] outs,
      int at,
      int headDim,
      RowTransformSimd transform,
      Tensor out,
      long first,
      int count,
      int rowLength,
      int column,
      Scratch scratch) {
    int columns = SimdTile.COLUMNS;
    int width = Math.ceilDiv(headDim, SimdTile.LANES) * SimdTile.LANES;
    float[] work = scratch.floats(WORK, Panels.workLength(columns));
    float[] rows = scratch.floats(ROWS, columns * width);
    Panels.transpose(outs, at, headDim, columns, rows, width, work);
    MemorySegment segment = out.segment();
    for (int i = 0; i < count; i++) {
      transform.apply(first + i, column / headDim, rows, i * width, headDim);
      long to = 4 * ((first + i) * rowLength + column);
      MemorySegment.copy(rows, i * width, segment, ValueLayout.JAVA_FLOAT_UNALIGNED, to, headDim);
    }
  }
}
