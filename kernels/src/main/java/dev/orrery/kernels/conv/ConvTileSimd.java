package dev.orrery.kernels.conv;

import dev.orrery.kernels.cpu.SimdTile;

/**
 * The inner loop of convolutions: {@code c[r, n] += sum_k a[aAt + offsets[k] + r] * b[k, n]} for a
 * tile of neighbouring pixels r and output channels n that lives in vector registers while k walks
 * over kernel positions and input channels.
 *
 * <p>It differs from {@link SimdTile} in the table of offsets, which lets one loop cross kernel
 * positions, and in the other shapes: where one vector holds all channels that are left, twice the
 * pixels keep the registers full.
 *
 * <p>Every element is one chain of fused multiply-adds in the order of k, added to c at the end,
 * whatever the shape of the tile.
 *
 * <p>The tiles are written out by hand because C2 keeps a local variable in a register and an array
 * of vectors in memory; see {@link SimdTile}, which chooses for how many registers.
 */
final class ConvTileSimd {
  private static final int LANES = SimdTile.LANES;
  private static final int COLUMNS = SimdTile.COLUMNS;

  private static final int WIDE_PIXELS =
      SimdTile.MANY_REGISTERS ? ConvTile12Simd.PIXELS : ConvTile6Simd.PIXELS;

  /** A multiple of the pixels of every tile. */
  static final int PIXELS = 2 * WIDE_PIXELS;

  private ConvTileSimd() {}

  /** How wide the tiles are for so many channels that are left: one vector if that is enough. */
  static int columns(int channels) {
    return channels <= LANES ? LANES : COLUMNS;
  }

  /**
   * Pixels of the next tile of a row.
   *
   * @param columns channels of the tile
   * @param left pixels of the row that are left: what ends with one tile or two of 8 pixels leaves
   *     out those that tiles of 12 would compute for nothing
   */
  static int pixels(int columns, int left) {
    if (columns == LANES) {
      return PIXELS;
    }
    boolean isShort = left <= ConvTile8Simd.PIXELS;
    boolean isShortTwice = left > WIDE_PIXELS && left <= 2 * ConvTile8Simd.PIXELS;
    return SimdTile.MANY_REGISTERS && (isShort || isShortTwice)
        ? ConvTile8Simd.PIXELS
        : WIDE_PIXELS;
  }

  /**
   * Computes one tile.
   *
   * @param a input values; those of neighbouring pixels are neighbours
   * @param aAt position of the tile's first pixel
   * @param offsets where each k lies from there
   * @param from first k
   * @param to one behind the last k
   * @param b rows of {@code columns} weights, one for each k
   * @param bAt row of k = from
   * @param c rows of {@code columns} sums, one for each pixel
   * @param cAt first row
   * @param columns {@link SimdTile#COLUMNS} or {@link SimdTile#LANES}
   * @param pixels of the tile, see {@link #pixels}
   */
  static void run(
      float[] a,
      int aAt,
      int[] offsets,
      int from,
      int to,
      float[] b,
      int bAt,
      float[] c,
      int cAt,
      int columns,
      int pixels) {
    boolean narrow = columns == LANES;
    if (SimdTile.MANY_REGISTERS) {
      if (narrow) {
        ConvTile12Simd.narrow(a, aAt, offsets, from, to, b, bAt, c, cAt);
      } else if (pixels == ConvTile8Simd.PIXELS) {
        ConvTile8Simd.wide(a, aAt, offsets, from, to, b, bAt, c, cAt);
      } else {
        ConvTile12Simd.wide(a, aAt, offsets, from, to, b, bAt, c, cAt);
      }
    } else if (narrow) {
      ConvTile6Simd.narrow(a, aAt, offsets, from, to, b, bAt, c, cAt);
    } else {
      ConvTile6Simd.wide(a, aAt, offsets, from, to, b, bAt, c, cAt);
    }
  }
}
