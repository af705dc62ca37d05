package dev.orrery.kernels.cpu;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;

/**
 * Packs rows of a matrix the way {@link SimdTile} reads its operands: transposed, so that the values of all rows of a
 * panel at one depth lie side by side, {@code panel[k * width + r] = matrix[r, k]}.
 *
 * <p>Blocks of LANES x LANES values are transposed in log2(LANES) passes. A pass takes rows i and i + LANES/2 and zips
 * them into rows 2i and 2i + 1; seen as bits of an index (row, column), it rotates them by one place, and after
 * log2(LANES) rotations row and column have changed places.
 */
public final class Panels {
  private static final int LANES = SimdTile.LANES;

  /** Lanes of a zipped vector that come from its second operand. */
  private static final VectorMask<Float> ODD =
      VectorMask.fromLong(SimdTile.SPECIES, 0xAAAAAAAAAAAAAAAAL);

  /** Every lane of the lower half twice, and of the upper half. */
  private static final VectorShuffle<Float> LOW =
      VectorShuffle.fromOp(SimdTile.SPECIES, lane -> lane / 2);

  private static final VectorShuffle<Float> HIGH =
      VectorShuffle.fromOp(SimdTile.SPECIES, lane -> LANES / 2 + lane / 2);

  private Panels() {}

  /** Values that {@link #pack} needs as working memory for panels of up to {@code depth}. */
  public static int workLength(int depth) {
    return LANES * stride(depth) + 2 * LANES * LANES;
  }

  /**
   * Packs columns {@code [column, column + depth)} of up to {@code width} rows into one panel. Missing rows become
   * zeros.
   *
   * @param matrix row-major matrix
   * @param row its first row
   * @param rows how many there are
   * @param matrixColumns its number of columns
   * @param column first column
   * @param depth number of columns
   * @param panel array to write, with LANES values to spare behind the panel
   * @param at where the panel starts
   * @param width rows of the panel: a multiple of LANES, or less than LANES
   * @param work at least {@link #workLength} values
   */
  public static void pack(
      FloatView matrix,
      long row,
      int rows,
      long matrixColumns,
      int column,
      int depth,
      float[] panel,
      int at,
      int width,
      float[] work) {
    int stride = stride(depth);
    int blocks = LANES * stride;
    for (int first = 0; first < width; first += LANES) {
      for (int lane = 0; lane < LANES; lane++) {
        if (first + lane < Math.min(rows, width)) {
          long from = (row + first + lane) * matrixColumns + column;
          matrix.copy(from, work, lane * stride, depth);
        } else {
          Arrays.fill(work, lane * stride, lane * stride + depth, 0);
        }
      }
      for (int k = 0; k < depth; k += LANES) {
        int count = Math.min(LANES, depth - k);
        transpose(work, k, stride, work, blocks, panel, at + k * width + first, width, count);
      }
    }
  }

  /** Distance of the rows in working memory: odd in vectors, so that they fall into different cache sets. */
  private static int stride(int depth) {
    return ((depth + LANES - 1) / LANES | 1) * LANES;
  }

  /**
   * Transposes a block of LANES x LANES values and stores the first {@code count} rows of the result in ascending order.
   *
   * @param from LANES rows of LANES values, {@code fromStride} apart, from {@code fromAt} on
   * @param work working memory of 2 * LANES * LANES values from {@code workAt} on
   * @param to rows of LANES values, {@code toStride} apart, from {@code toAt} on
   * @param count rows to store, from 1 to LANES
   */
  public static void transpose(
      float[] from,
      int fromAt,
      int fromStride,
      float[] work,
      int workAt,
      float[] to,
      int toAt,
      int toStride,
      int count) {
    int source = workAt;
    int target = workAt + LANES * LANES;
    zip(from, fromAt, fromStride, work, source, LANES, LANES);
    for (int rows = 4; rows < LANES; rows *= 2) {
      zip(work, source, LANES, work, target, LANES, LANES);
      int swap = source;
      source = target;
      target = swap;
    }
    zip(work, source, LANES, to, toAt, toStride, count);
  }

  /** One pass. */
  private static void zip(
      float[] from, int fromAt, int fromStride, float[] to, int toAt, int toStride, int count) {
    for (int i = 0; 2 * i < count; i++) {
      int at = fromAt + i * fromStride;
      FloatVector a = FloatVector.fromArray(SimdTile.SPECIES, from, at);
      FloatVector b =
          FloatVector.fromArray(SimdTile.SPECIES, from, at + LANES / 2 * fromStride);
      int out = toAt + 2 * i * toStride;
      a.rearrange(LOW).blend(b.rearrange(LOW), ODD).intoArray(to, out);
      if (2 * i + 1 < count) {
        a.rearrange(HIGH).blend(b.rearrange(HIGH), ODD).intoArray(to, out + toStride);
      }
    }
  }
}
