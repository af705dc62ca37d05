package dev.orrery.kernels.cpu;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * Packs rows of a matrix the way {@link SimdTile} reads its operands: transposed, so that the
 * values of all rows of a panel at one depth lie side by side, {@code panel[k * width + r] =
 * matrix[r, k]}.
 *
 * <p>Blocks of LANES x LANES values are transposed in log2(LANES) passes. A pass takes rows i and i
 * + LANES/2 and zips them into rows 2i and 2i + 1; seen as bits of an index (row, column), it
 * rotates them by one place, and after log2(LANES) rotations row and column have changed places.
 * Two passes are done at a time in registers; 0.15 ns a value on a Zen 5 core, where a scalar loop
 * takes 0.6 ns.
 */
public final class Panels {
  private static final VectorSpecies<Float> SPECIES = SimdTile.SPECIES;
  private static final int LANES = SimdTile.LANES;

  /** Lanes of a zipped vector that come from its second operand. */
  private static final VectorMask<Float> ODD = VectorMask.fromLong(SPECIES, 0xAAAAAAAAAAAAAAAAL);

  /** Every lane of the lower half twice, and of the upper half. */
  private static final VectorShuffle<Float> LOW = VectorShuffle.fromOp(SPECIES, lane -> lane / 2);

  private static final VectorShuffle<Float> HIGH =
      VectorShuffle.fromOp(SPECIES, lane -> LANES / 2 + lane / 2);

  /**
   * Where panels begin in an array of {@link #arrayLength}. With vectors of 512 bits that is where
   * a cache line does: the first one has 16 bytes that describe the array. Shorter vectors gain
   * nothing.
   */
  public static final int START = LANES == 16 ? 12 : 0;

  /**
   * Values of an array that has regions of its own in G1 with up to 4 MiB a region, which is a heap
   * of less than 16 GiB.
   */
  private static final int OWN_REGIONS = 1 << 19;

  private Panels() {}

  /**
   * Length of an array for so many values from {@link #START} on, so that no vector of them lies in
   * two cache lines if G1 collects and the heap is not very large: G1 begins a large array with a
   * region, and does not move it.
   */
  public static int arrayLength(int values) {
    return START == 0 ? values : Math.max(START + values, OWN_REGIONS);
  }

  /** Values that {@link #pack} needs as working memory for panels of up to {@code depth}. */
  public static int workLength(int depth) {
    return 2 * LANES * stride(depth);
  }

  /**
   * Packs columns {@code [column, column + depth)} of up to {@code width} rows into one panel.
   * Missing rows become zeros.
   *
   * @param matrix row-major matrix
   * @param row its first row
   * @param rows how many there are
   * @param matrixColumns its number of columns
   * @param column first column
   * @param depth number of columns
   * @param panel array to write, with room for {@code depth} rounded up to LANES, and LANES values
   *     more
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
    RowReader reader =
        (from, to, toAt) -> matrix.copy(from * matrixColumns + column, to, toAt, depth);
    pack(reader, row, rows, depth, panel, at, width, work);
  }

  /** Reads the values of a row that a panel takes. */
  @FunctionalInterface
  public interface RowReader {
    /**
     * Writes them from {@code at} on; what lies behind them, up to a whole vector, may change.
     *
     * @param row which row
     */
    void read(long row, float[] to, int at);
  }

  /**
   * As {@link #pack(FloatView, long, int, long, int, int, float[], int, int, float[])}, for rows
   * that are computed.
   *
   * @param reader gives {@code depth} values of a row
   */
  public static void pack(
      RowReader reader,
      long row,
      int rows,
      int depth,
      float[] panel,
      int at,
      int width,
      float[] work) {
    int stride = stride(depth);
    for (int first = 0; first < width; first += LANES) {
      read(reader, row + first, Math.min(rows, width) - first, depth, work);
      transpose(work, stride, panel, at + first, width, (depth + LANES - 1) / LANES);
    }
  }

  /** Reads LANES rows, of which {@code rows} are there and the others zeros. */
  static void read(RowReader reader, long row, int rows, int depth, float[] work) {
    int stride = stride(depth);
    for (int lane = 0; lane < LANES; lane++) {
      if (lane < rows) {
        reader.read(row + lane, work, lane * stride);
      } else {
        Arrays.fill(work, lane * stride, lane * stride + depth, 0);
      }
    }
  }

  /**
   * Transposes a matrix, {@code result[c * width + r] = matrix[r * columns + c]}.
   *
   * @param matrix row-major matrix
   * @param at its first value
   * @param rows its number of rows
   * @param columns its number of columns
   * @param result room for {@code columns} rounded up to LANES rows of {@code width}
   * @param width {@code rows} rounded up to LANES
   * @param work at least {@link #workLength}{@code (columns)} values
   */
  public static void transpose(
      float[] matrix, int at, int rows, int columns, float[] result, int width, float[] work) {
    int stride = stride(columns);
    for (int first = 0; first < rows; first += LANES) {
      int count = Math.min(LANES, rows - first);
      for (int lane = 0; lane < count; lane++) {
        System.arraycopy(matrix, at + (first + lane) * columns, work, lane * stride, columns);
      }
      transpose(work, stride, result, first, width, (columns + LANES - 1) / LANES);
    }
  }

  /**
   * Transposes one block of LANES x LANES values, {@code to[c * toStride + r] = from[r * fromStride
   * + c]}, and stores the first {@code count} rows of the result, each with all its LANES values.
   *
   * @param from LANES rows of LANES values, {@code fromStride} apart, from {@code fromAt} on
   * @param work at least 2 * LANES * LANES values
   * @param to where the result goes, from {@code toAt} on
   * @param count rows to store, from 1 to LANES
   */
  public static void transposeBlock(
      float[] from,
      int fromAt,
      int fromStride,
      float[] work,
      float[] to,
      int toAt,
      int toStride,
      int count) {
    float[] half = LANES == 4 ? from : work;
    int halfAt = LANES == 4 ? fromAt : 0;
    int halfStride = LANES == 4 ? fromStride : LANES;
    if (LANES == 8) {
      zipPairs(from, fromAt, fromStride, 0, work, 0, LANES, 1);
    } else if (LANES == 16) {
      zipQuads(from, fromAt, fromStride, 0, work, 0, LANES, 1);
    }
    if (count == LANES) {
      zipQuads(half, halfAt, halfStride, 0, to, toAt, toStride, 1);
      return;
    }
    int whole = LANES * LANES;
    zipQuads(half, halfAt, halfStride, 0, work, whole, LANES, 1);
    for (int row = 0; row < count; row++) {
      System.arraycopy(work, whole + row * LANES, to, toAt + row * toStride, LANES);
    }
  }

  /**
   * Distance of the rows in working memory: odd in vectors, so that they fall into different cache
   * sets.
   */
  static int stride(int depth) {
    return ((depth + LANES - 1) / LANES | 1) * LANES;
  }

  /**
   * Transposes LANES rows at the start of {@code work}, which is used up. Rows of the result are
   * stored in ascending order, so that one which is wider than its place is cut by the next one.
   */
  private static void transpose(
      float[] work, int stride, float[] panel, int at, int width, int blocks) {
    int half = LANES * stride;
    float[] from = work;
    int fromAt = 0;
    int fromStride = stride;
    int fromBlock = LANES;
    int left = LANES;
    boolean odd = (Integer.numberOfTrailingZeros(LANES) & 1) == 1;
    while (left > 1) {
      int radix = odd ? 2 : 4;
      odd = false;
      left /= radix;
      float[] to = left == 1 ? panel : work;
      int toAt = left == 1 ? at : half - fromAt;
      int toStride = left == 1 ? width : LANES;
      if (radix == 2) {
        zipPairs(from, fromAt, fromStride, fromBlock, to, toAt, toStride, blocks);
      } else {
        zipQuads(from, fromAt, fromStride, fromBlock, to, toAt, toStride, blocks);
      }
      from = to;
      fromAt = toAt;
      fromStride = toStride;
      fromBlock = LANES * LANES;
    }
  }

  /** One pass over all blocks. */
  static void zipPairs(
      float[] from,
      int fromAt,
      int fromStride,
      int fromBlock,
      float[] to,
      int toAt,
      int toStride,
      int blocks) {
    for (int block = 0; block < blocks; block++) {
      for (int i = 0; i < LANES / 2; i++) {
        int in = fromAt + block * fromBlock + i * fromStride;
        int out = toAt + (block * LANES + 2 * i) * toStride;
        FloatVector a = FloatVector.fromArray(SPECIES, from, in);
        FloatVector b = FloatVector.fromArray(SPECIES, from, in + LANES / 2 * fromStride);
        low(a, b).intoArray(to, out);
        high(a, b).intoArray(to, out + toStride);
      }
    }
  }

  /** Two passes over all blocks in one, which halves the loads and stores. */
  static void zipQuads(
      float[] from,
      int fromAt,
      int fromStride,
      int fromBlock,
      float[] to,
      int toAt,
      int toStride,
      int blocks) {
    int quarter = LANES / 4 * fromStride;
    for (int block = 0; block < blocks; block++) {
      for (int i = 0; i < LANES / 4; i++) {
        int in = fromAt + block * fromBlock + i * fromStride;
        int out = toAt + (block * LANES + 4 * i) * toStride;
        FloatVector a = FloatVector.fromArray(SPECIES, from, in);
        FloatVector b = FloatVector.fromArray(SPECIES, from, in + quarter);
        FloatVector c = FloatVector.fromArray(SPECIES, from, in + 2 * quarter);
        FloatVector d = FloatVector.fromArray(SPECIES, from, in + 3 * quarter);
        FloatVector lowAc = low(a, c);
        FloatVector highAc = high(a, c);
        FloatVector lowBd = low(b, d);
        FloatVector highBd = high(b, d);
        low(lowAc, lowBd).intoArray(to, out);
        high(lowAc, lowBd).intoArray(to, out + toStride);
        low(highAc, highBd).intoArray(to, out + 2 * toStride);
        high(highAc, highBd).intoArray(to, out + 3 * toStride);
      }
    }
  }

  /** The lower halves of two vectors, lane by lane in turn. */
  public static FloatVector low(FloatVector a, FloatVector b) {
    return a.rearrange(LOW).blend(b.rearrange(LOW), ODD);
  }

  /** The upper halves. */
  public static FloatVector high(FloatVector a, FloatVector b) {
    return a.rearrange(HIGH).blend(b.rearrange(HIGH), ODD);
  }
}
