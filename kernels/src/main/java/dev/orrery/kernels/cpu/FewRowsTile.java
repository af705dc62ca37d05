package dev.orrery.kernels.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The product of up to {@link #ROWS} rows with columns that are stored as rows, as a linear layer
 * has its weights: {@code c[r, n] += sum_k a[k, r] * b[n, k]} for LANES columns n.
 *
 * <p>So few rows use each weight once or twice, and transposing all of them first, through memory,
 * takes longer than the product. Here the last pass of the transposition leaves its values in
 * registers, where they are multiplied. Every element is the same chain of fused multiply-adds in
 * the order of k as in {@link SimdTile}, and so has the same bits.
 */
public final class FewRowsTile {
  private static final VectorSpecies<Float> SPECIES = SimdTile.SPECIES;
  private static final int LANES = SimdTile.LANES;

  /** Most rows of a product. */
  public static final int ROWS = 4;

  /** Depth of {@link #run}: LANES rows of it and their transposed half fit in L1. */
  public static final int DEPTH = 256;

  private FewRowsTile() {}

  /**
   * Adds the products of some k.
   *
   * @param a {@code depth} rows of {@link SimdTile#ROWS} values from {@code aAt} on, of which the
   *     first {@link #ROWS} are used
   * @param reader gives {@code depth} values of a row of b
   * @param row the first of the LANES rows of b
   * @param rows how many there are; those missing count as zeros
   * @param depth how many k, up to {@link #DEPTH}
   * @param c {@link #ROWS} rows of LANES sums, {@code cStride} apart, from {@code cAt} on
   * @param work at least {@link Panels#workLength}{@code (DEPTH)} values
   */
  public static void run(
      float[] a,
      int aAt,
      Panels.RowReader reader,
      long row,
      int rows,
      int depth,
      float[] c,
      int cAt,
      int cStride,
      float[] work) {
    int stride = Panels.stride(depth);
    Panels.read(reader, row, rows, depth, work);
    int half = LANES * stride;
    int blocks = Math.ceilDiv(depth, LANES);
    if (LANES == 4) {
      multiply(a, aAt, work, 0, stride, LANES, depth, c, cAt, cStride);
      return;
    }
    if (LANES == 8) {
      Panels.zipPairs(work, 0, stride, LANES, work, half, LANES, blocks);
    } else {
      Panels.zipQuads(work, 0, stride, LANES, work, half, LANES, blocks);
    }
    multiply(a, aAt, work, half, LANES, LANES * LANES, depth, c, cAt, cStride);
  }

  /**
   * The last pass of {@link Panels#pack}, four k at a time, and the products with what it gives.
   */
  private static void multiply(
      float[] a,
      int aAt,
      float[] b,
      int bAt,
      int bStride,
      int bBlock,
      int depth,
      float[] c,
      int cAt,
      int cStride) {
    FloatVector p0 = FloatVector.fromArray(SPECIES, c, cAt);
    FloatVector p1 = FloatVector.fromArray(SPECIES, c, cAt + cStride);
    FloatVector p2 = FloatVector.fromArray(SPECIES, c, cAt + 2 * cStride);
    FloatVector p3 = FloatVector.fromArray(SPECIES, c, cAt + 3 * cStride);
    int quarter = LANES / 4 * bStride;
    for (int k = 0; k < depth; k += 4) {
      int at = bAt + k / LANES * bBlock + k % LANES / 4 * bStride;
      FloatVector b0 = FloatVector.fromArray(SPECIES, b, at);
      FloatVector b1 = FloatVector.fromArray(SPECIES, b, at + quarter);
      FloatVector b2 = FloatVector.fromArray(SPECIES, b, at + 2 * quarter);
      FloatVector b3 = FloatVector.fromArray(SPECIES, b, at + 3 * quarter);
      FloatVector low02 = Panels.low(b0, b2);
      FloatVector low13 = Panels.low(b1, b3);
      FloatVector first = Panels.low(low02, low13);
      int x = aAt + k * SimdTile.ROWS;
      p0 = first.fma(FloatVector.broadcast(SPECIES, a[x]), p0);
      p1 = first.fma(FloatVector.broadcast(SPECIES, a[x + 1]), p1);
      p2 = first.fma(FloatVector.broadcast(SPECIES, a[x + 2]), p2);
      p3 = first.fma(FloatVector.broadcast(SPECIES, a[x + 3]), p3);
      if (k + 1 < depth) {
        x += SimdTile.ROWS;
        FloatVector second = Panels.high(low02, low13);
        p0 = second.fma(FloatVector.broadcast(SPECIES, a[x]), p0);
        p1 = second.fma(FloatVector.broadcast(SPECIES, a[x + 1]), p1);
        p2 = second.fma(FloatVector.broadcast(SPECIES, a[x + 2]), p2);
        p3 = second.fma(FloatVector.broadcast(SPECIES, a[x + 3]), p3);
      }
      FloatVector high02 = Panels.high(b0, b2);
      FloatVector high13 = Panels.high(b1, b3);
      if (k + 2 < depth) {
        x += SimdTile.ROWS;
        FloatVector third = Panels.low(high02, high13);
        p0 = third.fma(FloatVector.broadcast(SPECIES, a[x]), p0);
        p1 = third.fma(FloatVector.broadcast(SPECIES, a[x + 1]), p1);
        p2 = third.fma(FloatVector.broadcast(SPECIES, a[x + 2]), p2);
        p3 = third.fma(FloatVector.broadcast(SPECIES, a[x + 3]), p3);
      }
      if (k + 3 < depth) {
        x += SimdTile.ROWS;
        FloatVector fourth = Panels.high(high02, high13);
        p0 = fourth.fma(FloatVector.broadcast(SPECIES, a[x]), p0);
        p1 = fourth.fma(FloatVector.broadcast(SPECIES, a[x + 1]), p1);
        p2 = fourth.fma(FloatVector.broadcast(SPECIES, a[x + 2]), p2);
        p3 = fourth.fma(FloatVector.broadcast(SPECIES, a[x + 3]), p3);
      }
    }
    p0.intoArray(c, cAt);
    p1.intoArray(c, cAt + cStride);
    p2.intoArray(c, cAt + 2 * cStride);
    p3.intoArray(c, cAt + 3 * cStride);
  }
}
