package dev.orrery.kernels.conv;

import dev.orrery.kernels.cpu.SimdTile;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The tile of {@link ConvTileSimd} for what is left of a row where there are 32 vector registers:
 * rows of 8, 16, 32 or 64 pixels, which networks have whose pictures are halved again and again,
 * are none of 12. An element is the same chain of multiply-adds as in the other tiles.
 */
final class ConvTile8Simd {
  private static final VectorSpecies<Float> SPECIES = SimdTile.SPECIES;
  private static final int LANES = SimdTile.LANES;
  private static final int COLUMNS = SimdTile.COLUMNS;

  /** Pixels of the tile. */
  static final int PIXELS = 8;

  private ConvTile8Simd() {}

  /** 8 pixels by two vectors: ten loads for 16 multiply-adds. */
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
  }
}
