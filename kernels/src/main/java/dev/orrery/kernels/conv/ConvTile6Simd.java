package dev.orrery.kernels.conv;

import dev.orrery.kernels.cpu.SimdTile;
import java.lang.invoke.VarHandle;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The tiles of {@link ConvTileSimd} for the 16 vector registers of AVX2, 12 of them accumulators;
 * the fences keep C2 from loading so early that accumulators go to the stack ({@link
 * dev.orrery.kernels.cpu.SimdTile}).
 */
final class ConvTile6Simd {
  private static final VectorSpecies<Float> SPECIES = SimdTile.SPECIES;
  private static final int LANES = SimdTile.LANES;
  private static final int COLUMNS = SimdTile.COLUMNS;

  /** Pixels of the wide tile; the narrow one has twice as many. */
  static final int PIXELS = 6;

  private ConvTile6Simd() {}

  /** 6 pixels by two vectors. */
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
    for (int k = from; k < to; k++) {
      int at = aAt + offsets[k];
      FloatVector b0 = FloatVector.fromArray(SPECIES, b, bAt);
      FloatVector b1 = FloatVector.fromArray(SPECIES, b, bAt + LANES);
      FloatVector a0 = FloatVector.broadcast(SPECIES, a[at]);
      p0 = a0.fma(b0, p0);
      q0 = a0.fma(b1, q0);
      VarHandle.loadLoadFence();
      FloatVector a1 = FloatVector.broadcast(SPECIES, a[at + 1]);
      p1 = a1.fma(b0, p1);
      q1 = a1.fma(b1, q1);
      VarHandle.loadLoadFence();
      FloatVector a2 = FloatVector.broadcast(SPECIES, a[at + 2]);
      p2 = a2.fma(b0, p2);
      q2 = a2.fma(b1, q2);
      VarHandle.loadLoadFence();
      FloatVector a3 = FloatVector.broadcast(SPECIES, a[at + 3]);
      p3 = a3.fma(b0, p3);
      q3 = a3.fma(b1, q3);
      VarHandle.loadLoadFence();
      FloatVector a4 = FloatVector.broadcast(SPECIES, a[at + 4]);
      p4 = a4.fma(b0, p4);
      q4 = a4.fma(b1, q4);
      VarHandle.loadLoadFence();
      FloatVector a5 = FloatVector.broadcast(SPECIES, a[at + 5]);
      p5 = a5.fma(b0, p5);
      q5 = a5.fma(b1, q5);
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
  }

  /** 12 pixels by one vector. */
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
    for (int k = from; k < to; k++) {
      int at = aAt + offsets[k];
      FloatVector b0 = FloatVector.fromArray(SPECIES, b, bAt);
      FloatVector a0 = FloatVector.broadcast(SPECIES, a[at]);
      p0 = a0.fma(b0, p0);
      FloatVector a1 = FloatVector.broadcast(SPECIES, a[at + 1]);
      p1 = a1.fma(b0, p1);
      FloatVector a2 = FloatVector.broadcast(SPECIES, a[at + 2]);
      p2 = a2.fma(b0, p2);
      VarHandle.loadLoadFence();
      FloatVector a3 = FloatVector.broadcast(SPECIES, a[at + 3]);
      p3 = a3.fma(b0, p3);
      FloatVector a4 = FloatVector.broadcast(SPECIES, a[at + 4]);
      p4 = a4.fma(b0, p4);
      FloatVector a5 = FloatVector.broadcast(SPECIES, a[at + 5]);
      p5 = a5.fma(b0, p5);
      VarHandle.loadLoadFence();
      FloatVector a6 = FloatVector.broadcast(SPECIES, a[at + 6]);
      p6 = a6.fma(b0, p6);
      FloatVector a7 = FloatVector.broadcast(SPECIES, a[at + 7]);
      p7 = a7.fma(b0, p7);
      FloatVector a8 = FloatVector.broadcast(SPECIES, a[at + 8]);
      p8 = a8.fma(b0, p8);
      VarHandle.loadLoadFence();
      FloatVector a9 = FloatVector.broadcast(SPECIES, a[at + 9]);
      p9 = a9.fma(b0, p9);
      FloatVector a10 = FloatVector.broadcast(SPECIES, a[at + 10]);
      p10 = a10.fma(b0, p10);
      FloatVector a11 = FloatVector.broadcast(SPECIES, a[at + 11]);
      p11 = a11.fma(b0, p11);
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
  }
}
