package dev.orrery.kernels.cpu;

import java.lang.invoke.VarHandle;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The tile for the 16 vector registers of AVX2: 6 rows of two accumulators, 12 of them, leave four:
 * two for b and two for the values of a.
 *
 * <p>C2 loads as early as it can. With three values of a on the way it moved one accumulator to the
 * stack, whose store, load and multiply-add take twice the time of all others, so that the tile ran
 * at 46 % of the peak. A fence keeps the loads behind it from coming sooner; it is no instruction
 * on x86, which loads in order, and the tile reaches 98 %. On ARM it would be one, so this tile is
 * for x86 alone. Two steps of k at a time save the counting: 27 instructions for 12 multiply-adds
 * instead of 30.
 */
final class SimdTile6 {
  private static final VectorSpecies<Float> SPECIES = SimdTile.SPECIES;
  private static final int LANES = SimdTile.LANES;

  /** Rows of the tile. */
  static final int ROWS = 6;

  private SimdTile6() {}

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
    int k = 0;
    for (; k < depth - 1; k += 2) {
      FloatVector b0 = FloatVector.fromArray(SPECIES, b, bAt);
      FloatVector b1 = FloatVector.fromArray(SPECIES, b, bAt + LANES);
      FloatVector a0 = FloatVector.broadcast(SPECIES, a[aAt]);
      p0 = a0.fma(b0, p0);
      q0 = a0.fma(b1, q0);
      VarHandle.loadLoadFence();
      FloatVector a1 = FloatVector.broadcast(SPECIES, a[aAt + 1]);
      p1 = a1.fma(b0, p1);
      q1 = a1.fma(b1, q1);
      VarHandle.loadLoadFence();
      FloatVector a2 = FloatVector.broadcast(SPECIES, a[aAt + 2]);
      p2 = a2.fma(b0, p2);
      q2 = a2.fma(b1, q2);
      VarHandle.loadLoadFence();
      FloatVector a3 = FloatVector.broadcast(SPECIES, a[aAt + 3]);
      p3 = a3.fma(b0, p3);
      q3 = a3.fma(b1, q3);
      VarHandle.loadLoadFence();
      FloatVector a4 = FloatVector.broadcast(SPECIES, a[aAt + 4]);
      p4 = a4.fma(b0, p4);
      q4 = a4.fma(b1, q4);
      VarHandle.loadLoadFence();
      FloatVector a5 = FloatVector.broadcast(SPECIES, a[aAt + 5]);
      p5 = a5.fma(b0, p5);
      q5 = a5.fma(b1, q5);
      VarHandle.loadLoadFence();
      FloatVector b2 = FloatVector.fromArray(SPECIES, b, bAt + 2 * LANES);
      FloatVector b3 = FloatVector.fromArray(SPECIES, b, bAt + 3 * LANES);
      FloatVector a6 = FloatVector.broadcast(SPECIES, a[aAt + 6]);
      p0 = a6.fma(b2, p0);
      q0 = a6.fma(b3, q0);
      VarHandle.loadLoadFence();
      FloatVector a7 = FloatVector.broadcast(SPECIES, a[aAt + 7]);
      p1 = a7.fma(b2, p1);
      q1 = a7.fma(b3, q1);
      VarHandle.loadLoadFence();
      FloatVector a8 = FloatVector.broadcast(SPECIES, a[aAt + 8]);
      p2 = a8.fma(b2, p2);
      q2 = a8.fma(b3, q2);
      VarHandle.loadLoadFence();
      FloatVector a9 = FloatVector.broadcast(SPECIES, a[aAt + 9]);
      p3 = a9.fma(b2, p3);
      q3 = a9.fma(b3, q3);
      VarHandle.loadLoadFence();
      FloatVector a10 = FloatVector.broadcast(SPECIES, a[aAt + 10]);
      p4 = a10.fma(b2, p4);
      q4 = a10.fma(b3, q4);
      VarHandle.loadLoadFence();
      FloatVector a11 = FloatVector.broadcast(SPECIES, a[aAt + 11]);
      p5 = a11.fma(b2, p5);
      q5 = a11.fma(b3, q5);
      aAt += 2 * ROWS;
      bAt += 4 * LANES;
    }
    if (k < depth) {
      FloatVector b0 = FloatVector.fromArray(SPECIES, b, bAt);
      FloatVector b1 = FloatVector.fromArray(SPECIES, b, bAt + LANES);
      FloatVector a0 = FloatVector.broadcast(SPECIES, a[aAt]);
      p0 = a0.fma(b0, p0);
      q0 = a0.fma(b1, q0);
      VarHandle.loadLoadFence();
      FloatVector a1 = FloatVector.broadcast(SPECIES, a[aAt + 1]);
      p1 = a1.fma(b0, p1);
      q1 = a1.fma(b1, q1);
      VarHandle.loadLoadFence();
      FloatVector a2 = FloatVector.broadcast(SPECIES, a[aAt + 2]);
      p2 = a2.fma(b0, p2);
      q2 = a2.fma(b1, q2);
      VarHandle.loadLoadFence();
      FloatVector a3 = FloatVector.broadcast(SPECIES, a[aAt + 3]);
      p3 = a3.fma(b0, p3);
      q3 = a3.fma(b1, q3);
      VarHandle.loadLoadFence();
      FloatVector a4 = FloatVector.broadcast(SPECIES, a[aAt + 4]);
      p4 = a4.fma(b0, p4);
      q4 = a4.fma(b1, q4);
      VarHandle.loadLoadFence();
      FloatVector a5 = FloatVector.broadcast(SPECIES, a[aAt + 5]);
      p5 = a5.fma(b0, p5);
      q5 = a5.fma(b1, q5);
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
  }
}
