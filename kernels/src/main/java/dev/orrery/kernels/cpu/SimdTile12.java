package dev.orrery.kernels.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The tile for 32 vector registers: 12 rows of two accumulators, 24 of them, leave eight for what
 * is loaded.
 */
final class SimdTile12 {
  private static final VectorSpecies<Float> SPECIES = SimdTile.SPECIES;
  private static final int LANES = SimdTile.LANES;

  /** Rows of the tile. */
  static final int ROWS = 12;

  private SimdTile12() {}

  /** As {@link SimdTile#run}. */
  static void run(
      float[] a,
      int aAt,
      float[] b,
      int bAt,
      int depth,
      float[] c,
      int cAt,
      int cStride,
      boolean accumulate) {
    FloatVector p0 = FloatVector.zero(SPECIES);
    FloatVector q0 = FloatVector.zero(SPECIES);
    FloatVector p1 = FloatVector.zero(SPECIES);
    FloatVector q1 = FloatVector.zero(SPECIES);
    FloatVector p2 = FloatVector.zero(SPECIES);
    FloatVector q2 = FloatVector.zero(SPECIES);
    FloatVector p3 = FloatVector.zero(SPECIES);
    FloatVector q3 = FloatVector.zero(SPECIES);
    FloatVector p4 = FloatVector.zero(SPECIES);
    FloatVector q4 = FloatVector.zero(SPECIES);
    FloatVector p5 = FloatVector.zero(SPECIES);
    FloatVector q5 = FloatVector.zero(SPECIES);
    FloatVector p6 = FloatVector.zero(SPECIES);
    FloatVector q6 = FloatVector.zero(SPECIES);
    FloatVector p7 = FloatVector.zero(SPECIES);
    FloatVector q7 = FloatVector.zero(SPECIES);
    FloatVector p8 = FloatVector.zero(SPECIES);
    FloatVector q8 = FloatVector.zero(SPECIES);
    FloatVector p9 = FloatVector.zero(SPECIES);
    FloatVector q9 = FloatVector.zero(SPECIES);
    FloatVector p10 = FloatVector.zero(SPECIES);
    FloatVector q10 = FloatVector.zero(SPECIES);
    FloatVector p11 = FloatVector.zero(SPECIES);
    FloatVector q11 = FloatVector.zero(SPECIES);
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
      aAt += ROWS;
      bAt += 2 * LANES;
    }
    if (accumulate) {
      p0 = p0.add(FloatVector.fromArray(SPECIES, c, cAt));
      q0 = q0.add(FloatVector.fromArray(SPECIES, c, cAt + LANES));
      p1 = p1.add(FloatVector.fromArray(SPECIES, c, cAt + cStride));
      q1 = q1.add(FloatVector.fromArray(SPECIES, c, cAt + cStride + LANES));
      p2 = p2.add(FloatVector.fromArray(SPECIES, c, cAt + 2 * cStride));
      q2 = q2.add(FloatVector.fromArray(SPECIES, c, cAt + 2 * cStride + LANES));
      p3 = p3.add(FloatVector.fromArray(SPECIES, c, cAt + 3 * cStride));
      q3 = q3.add(FloatVector.fromArray(SPECIES, c, cAt + 3 * cStride + LANES));
      p4 = p4.add(FloatVector.fromArray(SPECIES, c, cAt + 4 * cStride));
      q4 = q4.add(FloatVector.fromArray(SPECIES, c, cAt + 4 * cStride + LANES));
      p5 = p5.add(FloatVector.fromArray(SPECIES, c, cAt + 5 * cStride));
      q5 = q5.add(FloatVector.fromArray(SPECIES, c, cAt + 5 * cStride + LANES));
      p6 = p6.add(FloatVector.fromArray(SPECIES, c, cAt + 6 * cStride));
      q6 = q6.add(FloatVector.fromArray(SPECIES, c, cAt + 6 * cStride + LANES));
      p7 = p7.add(FloatVector.fromArray(SPECIES, c, cAt + 7 * cStride));
      q7 = q7.add(FloatVector.fromArray(SPECIES, c, cAt + 7 * cStride + LANES));
      p8 = p8.add(FloatVector.fromArray(SPECIES, c, cAt + 8 * cStride));
      q8 = q8.add(FloatVector.fromArray(SPECIES, c, cAt + 8 * cStride + LANES));
      p9 = p9.add(FloatVector.fromArray(SPECIES, c, cAt + 9 * cStride));
      q9 = q9.add(FloatVector.fromArray(SPECIES, c, cAt + 9 * cStride + LANES));
      p10 = p10.add(FloatVector.fromArray(SPECIES, c, cAt + 10 * cStride));
      q10 = q10.add(FloatVector.fromArray(SPECIES, c, cAt + 10 * cStride + LANES));
      p11 = p11.add(FloatVector.fromArray(SPECIES, c, cAt + 11 * cStride));
      q11 = q11.add(FloatVector.fromArray(SPECIES, c, cAt + 11 * cStride + LANES));
    }
    p0.intoArray(c, cAt);
    q0.intoArray(c, cAt + LANES);
    p1.intoArray(c, cAt + cStride);
    q1.intoArray(c, cAt + cStride + LANES);
    p2.intoArray(c, cAt + 2 * cStride);
    q2.intoArray(c, cAt + 2 * cStride + LANES);
    p3.intoArray(c, cAt + 3 * cStride);
    q3.intoArray(c, cAt + 3 * cStride + LANES);
    p4.intoArray(c, cAt + 4 * cStride);
    q4.intoArray(c, cAt + 4 * cStride + LANES);
    p5.intoArray(c, cAt + 5 * cStride);
    q5.intoArray(c, cAt + 5 * cStride + LANES);
    p6.intoArray(c, cAt + 6 * cStride);
    q6.intoArray(c, cAt + 6 * cStride + LANES);
    p7.intoArray(c, cAt + 7 * cStride);
    q7.intoArray(c, cAt + 7 * cStride + LANES);
    p8.intoArray(c, cAt + 8 * cStride);
    q8.intoArray(c, cAt + 8 * cStride + LANES);
    p9.intoArray(c, cAt + 9 * cStride);
    q9.intoArray(c, cAt + 9 * cStride + LANES);
    p10.intoArray(c, cAt + 10 * cStride);
    q10.intoArray(c, cAt + 10 * cStride + LANES);
    p11.intoArray(c, cAt + 11 * cStride);
    q11.intoArray(c, cAt + 11 * cStride + LANES);
  }
}
