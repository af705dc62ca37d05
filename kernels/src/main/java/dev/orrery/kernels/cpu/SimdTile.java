package dev.orrery.kernels.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The inner loop of matmul, convolution and attention: a small tile of {@code c (+)= a^T b} that lives in vector
 * registers while the depth is walked, {@code c[r, n] (+)= sum_k a[k, r] * b[k, n]} for {@link #ROWS} rows r and {@link
 * #COLUMNS} columns n.
 *
 * <p>Every element is one chain of fused multiply-adds in the order of k, so a result depends neither on the width of the
 * vectors nor on where in a tile it lies.
 */
public final class SimdTile {
  public static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  public static final int LANES = SPECIES.length();

  /** Columns of a tile: two vectors. */
  public static final int COLUMNS = 2 * LANES;

  /** Rows of a tile: 12 rows of two accumulators fit in 32 registers (AVX-512, NEON), 6 rows in the 16 of AVX2. */
  public static final int ROWS = SPECIES.vectorBitSize() == 256 ? 6 : 12;

  private SimdTile() {}

  /**
   * Computes one tile.
   *
   * @param a depth rows of at least {@link #ROWS} values, {@code aStride} apart, from {@code aAt} on
   * @param b depth rows of at least {@link #COLUMNS} values, {@code bStride} apart, from {@code bAt} on
   * @param depth length of the sums
   * @param c {@link #ROWS} rows of {@link #COLUMNS} values, {@code cStride} apart, from {@code cAt} on
   * @param accumulate whether to add to what c holds
   */
  public static void run(
      float[] a, int aAt, int aStride, float[] b, int bAt, int bStride, int depth, float[] c, int cAt, int cStride, boolean accumulate) {
    if (ROWS == 12) {
      rows12(a, aAt, aStride, b, bAt, bStride, depth, c, cAt, cStride, accumulate);
    } else {
      rows6(a, aAt, aStride, b, bAt, bStride, depth, c, cAt, cStride, accumulate);
    }
  }

  /** The tile for machines with 32 vector registers. */
  private static void rows12(
      float[] a, int aAt, int aStride, float[] b, int bAt, int bStride, int depth, float[] c, int cAt, int cStride, boolean accumulate) {
    FloatVector p0 = FloatVector.zero(SPECIES);
    FloatVector q0 = p0;
    FloatVector p1 = FloatVector.zero(SPECIES);
    FloatVector q1 = p1;
    FloatVector p2 = FloatVector.zero(SPECIES);
    FloatVector q2 = p2;
    FloatVector p3 = FloatVector.zero(SPECIES);
    FloatVector q3 = p3;
    FloatVector p4 = FloatVector.zero(SPECIES);
    FloatVector q4 = p4;
    FloatVector p5 = FloatVector.zero(SPECIES);
    FloatVector q5 = p5;
    FloatVector p6 = FloatVector.zero(SPECIES);
    FloatVector q6 = p6;
    FloatVector p7 = FloatVector.zero(SPECIES);
    FloatVector q7 = p7;
    FloatVector p8 = FloatVector.zero(SPECIES);
    FloatVector q8 = p8;
    FloatVector p9 = FloatVector.zero(SPECIES);
    FloatVector q9 = p9;
    FloatVector p10 = FloatVector.zero(SPECIES);
    FloatVector q10 = p10;
    FloatVector p11 = FloatVector.zero(SPECIES);
    FloatVector q11 = p11;
    for (int k = 0; k < depth; k++) {
      FloatVector b0 = FloatVector.fromArray(SPECIES, b, bAt);
      FloatVector b1 = FloatVector.fromArray(SPECIES, b, bAt + LANES);
      FloatVector a0 = FloatVector.broadcast(SPECIES, a[aAt]);
      p0 = a0.fma(b0, p0);
      q0 = a0.fma(b1, q0);
      FloatVector a1 = FloatVector.broadcast(SPECIES, a[aAt + 1]);
      p1 = a1.fma(b0, p1);
      q1 = a1.fma(b1, q1);
      FloatVector a2 = FloatVector.broadcast(SPECIES, a[aAt + 2]);
      p2 = a2.fma(b0, p2);
      q2 = a2.fma(b1, q2);
      FloatVector a3 = FloatVector.broadcast(SPECIES, a[aAt + 3]);
      p3 = a3.fma(b0, p3);
      q3 = a3.fma(b1, q3);
      FloatVector a4 = FloatVector.broadcast(SPECIES, a[aAt + 4]);
      p4 = a4.fma(b0, p4);
      q4 = a4.fma(b1, q4);
      FloatVector a5 = FloatVector.broadcast(SPECIES, a[aAt + 5]);
      p5 = a5.fma(b0, p5);
      q5 = a5.fma(b1, q5);
      FloatVector a6 = FloatVector.broadcast(SPECIES, a[aAt + 6]);
      p6 = a6.fma(b0, p6);
      q6 = a6.fma(b1, q6);
      FloatVector a7 = FloatVector.broadcast(SPECIES, a[aAt + 7]);
      p7 = a7.fma(b0, p7);
      q7 = a7.fma(b1, q7);
      FloatVector a8 = FloatVector.broadcast(SPECIES, a[aAt + 8]);
      p8 = a8.fma(b0, p8);
      q8 = a8.fma(b1, q8);
      FloatVector a9 = FloatVector.broadcast(SPECIES, a[aAt + 9]);
      p9 = a9.fma(b0, p9);
      q9 = a9.fma(b1, q9);
      FloatVector a10 = FloatVector.broadcast(SPECIES, a[aAt + 10]);
      p10 = a10.fma(b0, p10);
      q10 = a10.fma(b1, q10);
      FloatVector a11 = FloatVector.broadcast(SPECIES, a[aAt + 11]);
      p11 = a11.fma(b0, p11);
      q11 = a11.fma(b1, q11);
      aAt += aStride;
      bAt += bStride;
    }
    int row = cAt;
    store(p0, q0, c, row, accumulate);
    row += cStride;
    store(p1, q1, c, row, accumulate);
    row += cStride;
    store(p2, q2, c, row, accumulate);
    row += cStride;
    store(p3, q3, c, row, accumulate);
    row += cStride;
    store(p4, q4, c, row, accumulate);
    row += cStride;
    store(p5, q5, c, row, accumulate);
    row += cStride;
    store(p6, q6, c, row, accumulate);
    row += cStride;
    store(p7, q7, c, row, accumulate);
    row += cStride;
    store(p8, q8, c, row, accumulate);
    row += cStride;
    store(p9, q9, c, row, accumulate);
    row += cStride;
    store(p10, q10, c, row, accumulate);
    row += cStride;
    store(p11, q11, c, row, accumulate);
  }

  /** The tile for machines with 16 vector registers. */
  private static void rows6(
      float[] a, int aAt, int aStride, float[] b, int bAt, int bStride, int depth, float[] c, int cAt, int cStride, boolean accumulate) {
    FloatVector p0 = FloatVector.zero(SPECIES);
    FloatVector q0 = p0;
    FloatVector p1 = FloatVector.zero(SPECIES);
    FloatVector q1 = p1;
    FloatVector p2 = FloatVector.zero(SPECIES);
    FloatVector q2 = p2;
    FloatVector p3 = FloatVector.zero(SPECIES);
    FloatVector q3 = p3;
    FloatVector p4 = FloatVector.zero(SPECIES);
    FloatVector q4 = p4;
    FloatVector p5 = FloatVector.zero(SPECIES);
    FloatVector q5 = p5;
    for (int k = 0; k < depth; k++) {
      FloatVector b0 = FloatVector.fromArray(SPECIES, b, bAt);
      FloatVector b1 = FloatVector.fromArray(SPECIES, b, bAt + LANES);
      FloatVector a0 = FloatVector.broadcast(SPECIES, a[aAt]);
      p0 = a0.fma(b0, p0);
      q0 = a0.fma(b1, q0);
      FloatVector a1 = FloatVector.broadcast(SPECIES, a[aAt + 1]);
      p1 = a1.fma(b0, p1);
      q1 = a1.fma(b1, q1);
      FloatVector a2 = FloatVector.broadcast(SPECIES, a[aAt + 2]);
      p2 = a2.fma(b0, p2);
      q2 = a2.fma(b1, q2);
      FloatVector a3 = FloatVector.broadcast(SPECIES, a[aAt + 3]);
      p3 = a3.fma(b0, p3);
      q3 = a3.fma(b1, q3);
      FloatVector a4 = FloatVector.broadcast(SPECIES, a[aAt + 4]);
      p4 = a4.fma(b0, p4);
      q4 = a4.fma(b1, q4);
      FloatVector a5 = FloatVector.broadcast(SPECIES, a[aAt + 5]);
      p5 = a5.fma(b0, p5);
      q5 = a5.fma(b1, q5);
      aAt += aStride;
      bAt += bStride;
    }
    int row = cAt;
    store(p0, q0, c, row, accumulate);
    row += cStride;
    store(p1, q1, c, row, accumulate);
    row += cStride;
    store(p2, q2, c, row, accumulate);
    row += cStride;
    store(p3, q3, c, row, accumulate);
    row += cStride;
    store(p4, q4, c, row, accumulate);
    row += cStride;
    store(p5, q5, c, row, accumulate);
  }

  private static void store(FloatVector p, FloatVector q, float[] c, int at, boolean accumulate) {
    if (accumulate) {
      p = p.add(FloatVector.fromArray(SPECIES, c, at));
      q = q.add(FloatVector.fromArray(SPECIES, c, at + LANES));
    }
    p.intoArray(c, at);
    q.intoArray(c, at + LANES);
  }
}
