package dev.orrery.kernels.conv;

import dev.orrery.kernels.cpu.SimdTile;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** The tiles of {@link ConvTileSimd} for 32 vector registers, 24 of them accumulators. */
final class ConvTile12Simd {
  private static final VectorSpecies<Float> SPECIES = SimdTile.SPECIES;
  private static final int LANES = SimdTile.LANES;
  private static final int COLUMNS = SimdTile.COLUMNS;

  /** Pixels of the wide tile; the narrow one has twice as many. */
  static final int PIXELS = 12;

  private ConvTile12Simd() {}

  /** 12 pixels by two vectors. */
  static void wide(
      float[] a, int aAt, int[] offsets, int from, int to, float[] b, int bAt, float[] c, int cAt) {
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
    for (int k = from; k < to; k++) {
      int at = aAt + offsets[k];
      FloatVector b0 = FloatVector.fromArray(SPECIES, b, bAt);
      FloatVector b1 = FloatVector.fromArray(SPECIES, b, bAt + LANES);
      FloatVector a0 = FloatVector.broadcast(SPECIES, a[at]);
      p0 = a0.fma(b0, p0);
      q0 = a0.fma(b1, q0);
      FloatVector a1 = FloatVector.broadcast(SPECIES, a[at + 1]);
      p1 = a1.fma(b0, p1);
      q1 = a1.fma(b1, q1);
      FloatVector a2 = FloatVector.broadcast(SPECIES, a[at + 2]);
      p2 = a2.fma(b0, p2);
      q2 = a2.fma(b1, q2);
      FloatVector a3 = FloatVector.broadcast(SPECIES, a[at + 3]);
      p3 = a3.fma(b0, p3);
      q3 = a3.fma(b1, q3);
      FloatVector a4 = FloatVector.broadcast(SPECIES, a[at + 4]);
      p4 = a4.fma(b0, p4);
      q4 = a4.fma(b1, q4);
      FloatVector a5 = FloatVector.broadcast(SPECIES, a[at + 5]);
      p5 = a5.fma(b0, p5);
      q5 = a5.fma(b1, q5);
      FloatVector a6 = FloatVector.broadcast(SPECIES, a[at + 6]);
      p6 = a6.fma(b0, p6);
      q6 = a6.fma(b1, q6);
      FloatVector a7 = FloatVector.broadcast(SPECIES, a[at + 7]);
      p7 = a7.fma(b0, p7);
      q7 = a7.fma(b1, q7);
      FloatVector a8 = FloatVector.broadcast(SPECIES, a[at + 8]);
      p8 = a8.fma(b0, p8);
      q8 = a8.fma(b1, q8);
      FloatVector a9 = FloatVector.broadcast(SPECIES, a[at + 9]);
      p9 = a9.fma(b0, p9);
      q9 = a9.fma(b1, q9);
      FloatVector a10 = FloatVector.broadcast(SPECIES, a[at + 10]);
      p10 = a10.fma(b0, p10);
      q10 = a10.fma(b1, q10);
      FloatVector a11 = FloatVector.broadcast(SPECIES, a[at + 11]);
      p11 = a11.fma(b0, p11);
      q11 = a11.fma(b1, q11);
      bAt += COLUMNS;
    }
    p0.add(FloatVector.fromArray(SPECIES, c, cAt)).intoArray(c, cAt);
    q0.add(FloatVector.fromArray(SPECIES, c, cAt + LANES)).intoArray(c, cAt + LANES);
    p1.add(FloatVector.fromArray(SPECIES, c, cAt + COLUMNS)).intoArray(c, cAt + COLUMNS);
    q1.add(FloatVector.fromArray(SPECIES, c, cAt + COLUMNS + LANES))
        .intoArray(c, cAt + COLUMNS + LANES);
    p2.add(FloatVector.fromArray(SPECIES, c, cAt + 2 * COLUMNS)).intoArray(c, cAt + 2 * COLUMNS);
    q2.add(FloatVector.fromArray(SPECIES, c, cAt + 2 * COLUMNS + LANES))
        .intoArray(c, cAt + 2 * COLUMNS + LANES);
    p3.add(FloatVector.fromArray(SPECIES, c, cAt + 3 * COLUMNS)).intoArray(c, cAt + 3 * COLUMNS);
    q3.add(FloatVector.fromArray(SPECIES, c, cAt + 3 * COLUMNS + LANES))
        .intoArray(c, cAt + 3 * COLUMNS + LANES);
    p4.add(FloatVector.fromArray(SPECIES, c, cAt + 4 * COLUMNS)).intoArray(c, cAt + 4 * COLUMNS);
    q4.add(FloatVector.fromArray(SPECIES, c, cAt + 4 * COLUMNS + LANES))
        .intoArray(c, cAt + 4 * COLUMNS + LANES);
    p5.add(FloatVector.fromArray(SPECIES, c, cAt + 5 * COLUMNS)).intoArray(c, cAt + 5 * COLUMNS);
    q5.add(FloatVector.fromArray(SPECIES, c, cAt + 5 * COLUMNS + LANES))
        .intoArray(c, cAt + 5 * COLUMNS + LANES);
    p6.add(FloatVector.fromArray(SPECIES, c, cAt + 6 * COLUMNS)).intoArray(c, cAt + 6 * COLUMNS);
    q6.add(FloatVector.fromArray(SPECIES, c, cAt + 6 * COLUMNS + LANES))
        .intoArray(c, cAt + 6 * COLUMNS + LANES);
    p7.add(FloatVector.fromArray(SPECIES, c, cAt + 7 * COLUMNS)).intoArray(c, cAt + 7 * COLUMNS);
    q7.add(FloatVector.fromArray(SPECIES, c, cAt + 7 * COLUMNS + LANES))
        .intoArray(c, cAt + 7 * COLUMNS + LANES);
    p8.add(FloatVector.fromArray(SPECIES, c, cAt + 8 * COLUMNS)).intoArray(c, cAt + 8 * COLUMNS);
    q8.add(FloatVector.fromArray(SPECIES, c, cAt + 8 * COLUMNS + LANES))
        .intoArray(c, cAt + 8 * COLUMNS + LANES);
    p9.add(FloatVector.fromArray(SPECIES, c, cAt + 9 * COLUMNS)).intoArray(c, cAt + 9 * COLUMNS);
    q9.add(FloatVector.fromArray(SPECIES, c, cAt + 9 * COLUMNS + LANES))
        .intoArray(c, cAt + 9 * COLUMNS + LANES);
    p10.add(FloatVector.fromArray(SPECIES, c, cAt + 10 * COLUMNS)).intoArray(c, cAt + 10 * COLUMNS);
    q10.add(FloatVector.fromArray(SPECIES, c, cAt + 10 * COLUMNS + LANES))
        .intoArray(c, cAt + 10 * COLUMNS + LANES);
    p11.add(FloatVector.fromArray(SPECIES, c, cAt + 11 * COLUMNS)).intoArray(c, cAt + 11 * COLUMNS);
    q11.add(FloatVector.fromArray(SPECIES, c, cAt + 11 * COLUMNS + LANES))
        .intoArray(c, cAt + 11 * COLUMNS + LANES);
  }

  /** 24 pixels by one vector. */
  static void narrow(
      float[] a, int aAt, int[] offsets, int from, int to, float[] b, int bAt, float[] c, int cAt) {
    FloatVector p0 = FloatVector.zero(SPECIES);
    FloatVector p1 = FloatVector.zero(SPECIES);
    FloatVector p2 = FloatVector.zero(SPECIES);
    FloatVector p3 = FloatVector.zero(SPECIES);
    FloatVector p4 = FloatVector.zero(SPECIES);
    FloatVector p5 = FloatVector.zero(SPECIES);
    FloatVector p6 = FloatVector.zero(SPECIES);
    FloatVector p7 = FloatVector.zero(SPECIES);
    FloatVector p8 = FloatVector.zero(SPECIES);
    FloatVector p9 = FloatVector.zero(SPECIES);
    FloatVector p10 = FloatVector.zero(SPECIES);
    FloatVector p11 = FloatVector.zero(SPECIES);
    FloatVector p12 = FloatVector.zero(SPECIES);
    FloatVector p13 = FloatVector.zero(SPECIES);
    FloatVector p14 = FloatVector.zero(SPECIES);
    FloatVector p15 = FloatVector.zero(SPECIES);
    FloatVector p16 = FloatVector.zero(SPECIES);
    FloatVector p17 = FloatVector.zero(SPECIES);
    FloatVector p18 = FloatVector.zero(SPECIES);
    FloatVector p19 = FloatVector.zero(SPECIES);
    FloatVector p20 = FloatVector.zero(SPECIES);
    FloatVector p21 = FloatVector.zero(SPECIES);
    FloatVector p22 = FloatVector.zero(SPECIES);
    FloatVector p23 = FloatVector.zero(SPECIES);
    for (int k = from; k < to; k++) {
      int at = aAt + offsets[k];
      FloatVector b0 = FloatVector.fromArray(SPECIES, b, bAt);
      FloatVector a0 = FloatVector.broadcast(SPECIES, a[at]);
      p0 = a0.fma(b0, p0);
      FloatVector a1 = FloatVector.broadcast(SPECIES, a[at + 1]);
      p1 = a1.fma(b0, p1);
      FloatVector a2 = FloatVector.broadcast(SPECIES, a[at + 2]);
      p2 = a2.fma(b0, p2);
      FloatVector a3 = FloatVector.broadcast(SPECIES, a[at + 3]);
      p3 = a3.fma(b0, p3);
      FloatVector a4 = FloatVector.broadcast(SPECIES, a[at + 4]);
      p4 = a4.fma(b0, p4);
      FloatVector a5 = FloatVector.broadcast(SPECIES, a[at + 5]);
      p5 = a5.fma(b0, p5);
      FloatVector a6 = FloatVector.broadcast(SPECIES, a[at + 6]);
      p6 = a6.fma(b0, p6);
      FloatVector a7 = FloatVector.broadcast(SPECIES, a[at + 7]);
      p7 = a7.fma(b0, p7);
      FloatVector a8 = FloatVector.broadcast(SPECIES, a[at + 8]);
      p8 = a8.fma(b0, p8);
      FloatVector a9 = FloatVector.broadcast(SPECIES, a[at + 9]);
      p9 = a9.fma(b0, p9);
      FloatVector a10 = FloatVector.broadcast(SPECIES, a[at + 10]);
      p10 = a10.fma(b0, p10);
      FloatVector a11 = FloatVector.broadcast(SPECIES, a[at + 11]);
      p11 = a11.fma(b0, p11);
      FloatVector a12 = FloatVector.broadcast(SPECIES, a[at + 12]);
      p12 = a12.fma(b0, p12);
      FloatVector a13 = FloatVector.broadcast(SPECIES, a[at + 13]);
      p13 = a13.fma(b0, p13);
      FloatVector a14 = FloatVector.broadcast(SPECIES, a[at + 14]);
      p14 = a14.fma(b0, p14);
      FloatVector a15 = FloatVector.broadcast(SPECIES, a[at + 15]);
      p15 = a15.fma(b0, p15);
      FloatVector a16 = FloatVector.broadcast(SPECIES, a[at + 16]);
      p16 = a16.fma(b0, p16);
      FloatVector a17 = FloatVector.broadcast(SPECIES, a[at + 17]);
      p17 = a17.fma(b0, p17);
      FloatVector a18 = FloatVector.broadcast(SPECIES, a[at + 18]);
      p18 = a18.fma(b0, p18);
      FloatVector a19 = FloatVector.broadcast(SPECIES, a[at + 19]);
      p19 = a19.fma(b0, p19);
      FloatVector a20 = FloatVector.broadcast(SPECIES, a[at + 20]);
      p20 = a20.fma(b0, p20);
      FloatVector a21 = FloatVector.broadcast(SPECIES, a[at + 21]);
      p21 = a21.fma(b0, p21);
      FloatVector a22 = FloatVector.broadcast(SPECIES, a[at + 22]);
      p22 = a22.fma(b0, p22);
      FloatVector a23 = FloatVector.broadcast(SPECIES, a[at + 23]);
      p23 = a23.fma(b0, p23);
      bAt += LANES;
    }
    p0.add(FloatVector.fromArray(SPECIES, c, cAt)).intoArray(c, cAt);
    p1.add(FloatVector.fromArray(SPECIES, c, cAt + LANES)).intoArray(c, cAt + LANES);
    p2.add(FloatVector.fromArray(SPECIES, c, cAt + 2 * LANES)).intoArray(c, cAt + 2 * LANES);
    p3.add(FloatVector.fromArray(SPECIES, c, cAt + 3 * LANES)).intoArray(c, cAt + 3 * LANES);
    p4.add(FloatVector.fromArray(SPECIES, c, cAt + 4 * LANES)).intoArray(c, cAt + 4 * LANES);
    p5.add(FloatVector.fromArray(SPECIES, c, cAt + 5 * LANES)).intoArray(c, cAt + 5 * LANES);
    p6.add(FloatVector.fromArray(SPECIES, c, cAt + 6 * LANES)).intoArray(c, cAt + 6 * LANES);
    p7.add(FloatVector.fromArray(SPECIES, c, cAt + 7 * LANES)).intoArray(c, cAt + 7 * LANES);
    p8.add(FloatVector.fromArray(SPECIES, c, cAt + 8 * LANES)).intoArray(c, cAt + 8 * LANES);
    p9.add(FloatVector.fromArray(SPECIES, c, cAt + 9 * LANES)).intoArray(c, cAt + 9 * LANES);
    p10.add(FloatVector.fromArray(SPECIES, c, cAt + 10 * LANES)).intoArray(c, cAt + 10 * LANES);
    p11.add(FloatVector.fromArray(SPECIES, c, cAt + 11 * LANES)).intoArray(c, cAt + 11 * LANES);
    p12.add(FloatVector.fromArray(SPECIES, c, cAt + 12 * LANES)).intoArray(c, cAt + 12 * LANES);
    p13.add(FloatVector.fromArray(SPECIES, c, cAt + 13 * LANES)).intoArray(c, cAt + 13 * LANES);
    p14.add(FloatVector.fromArray(SPECIES, c, cAt + 14 * LANES)).intoArray(c, cAt + 14 * LANES);
    p15.add(FloatVector.fromArray(SPECIES, c, cAt + 15 * LANES)).intoArray(c, cAt + 15 * LANES);
    p16.add(FloatVector.fromArray(SPECIES, c, cAt + 16 * LANES)).intoArray(c, cAt + 16 * LANES);
    p17.add(FloatVector.fromArray(SPECIES, c, cAt + 17 * LANES)).intoArray(c, cAt + 17 * LANES);
    p18.add(FloatVector.fromArray(SPECIES, c, cAt + 18 * LANES)).intoArray(c, cAt + 18 * LANES);
    p19.add(FloatVector.fromArray(SPECIES, c, cAt + 19 * LANES)).intoArray(c, cAt + 19 * LANES);
    p20.add(FloatVector.fromArray(SPECIES, c, cAt + 20 * LANES)).intoArray(c, cAt + 20 * LANES);
    p21.add(FloatVector.fromArray(SPECIES, c, cAt + 21 * LANES)).intoArray(c, cAt + 21 * LANES);
    p22.add(FloatVector.fromArray(SPECIES, c, cAt + 22 * LANES)).intoArray(c, cAt + 22 * LANES);
    p23.add(FloatVector.fromArray(SPECIES, c, cAt + 23 * LANES)).intoArray(c, cAt + 23 * LANES);
  }
}
