package dev.orrery.kernels.conv;

import dev.orrery.kernels.cpu.SimdTile;
import java.lang.invoke.VarHandle;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The tile of {@link ConvTileSimd} for three channels or fewer, which pictures have: vectors lie
 * along the pixels, which are neighbours in the planes, and weights are broadcast, so that no lane
 * is empty. The sums are {@code c[channel, pixel]}; an element is the same chain of multiply-adds
 * as in the other tiles.
 *
 * <p>Four vectors of pixels and not eight, where there are 32 registers: what the columns of the
 * kernel read of 96 channels (24 KB with vectors of 512 bits) then stays in L1.
 */
final class ConvPixelTileSimd {
  private static final VectorSpecies<Float> SPECIES = SimdTile.SPECIES;
  private static final int LANES = SimdTile.LANES;

  /** Channels of the tile. */
  static final int CHANNELS = 3;

  /** Pixels of the tile. */
  static final int PIXELS = 4 * LANES;

  private ConvPixelTileSimd() {}

  /**
   * 3 channels by four vectors: seven loads for 12 multiply-adds.
   *
   * @param b rows of CHANNELS weights
   * @param c CHANNELS rows of sums, {@code cStride} apart
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
      int cStride) {
    FloatVector p0 = FloatVector.zero(SPECIES);
    FloatVector p1 = FloatVector.zero(SPECIES);
    FloatVector p2 = FloatVector.zero(SPECIES);
    FloatVector p3 = FloatVector.zero(SPECIES);
    FloatVector q0 = FloatVector.zero(SPECIES);
    FloatVector q1 = FloatVector.zero(SPECIES);
    FloatVector q2 = FloatVector.zero(SPECIES);
    FloatVector q3 = FloatVector.zero(SPECIES);
    FloatVector r0 = FloatVector.zero(SPECIES);
    FloatVector r1 = FloatVector.zero(SPECIES);
    FloatVector r2 = FloatVector.zero(SPECIES);
    FloatVector r3 = FloatVector.zero(SPECIES);
    for (int k = from; k < to; k++) {
      int at = aAt + offsets[k];
      FloatVector b0 = FloatVector.broadcast(SPECIES, b[bAt]);
      FloatVector b1 = FloatVector.broadcast(SPECIES, b[bAt + 1]);
      FloatVector b2 = FloatVector.broadcast(SPECIES, b[bAt + 2]);
      FloatVector a0 = FloatVector.fromArray(SPECIES, a, at);
      p0 = a0.fma(b0, p0);
      q0 = a0.fma(b1, q0);
      r0 = a0.fma(b2, r0);
      fence();
      FloatVector a1 = FloatVector.fromArray(SPECIES, a, at + LANES);
      p1 = a1.fma(b0, p1);
      q1 = a1.fma(b1, q1);
      r1 = a1.fma(b2, r1);
      fence();
      FloatVector a2 = FloatVector.fromArray(SPECIES, a, at + 2 * LANES);
      p2 = a2.fma(b0, p2);
      q2 = a2.fma(b1, q2);
      r2 = a2.fma(b2, r2);
      fence();
      FloatVector a3 = FloatVector.fromArray(SPECIES, a, at + 3 * LANES);
      p3 = a3.fma(b0, p3);
      q3 = a3.fma(b1, q3);
      r3 = a3.fma(b2, r3);
      bAt += CHANNELS;
    }
    p0.add(FloatVector.fromArray(SPECIES, c, cAt)).intoArray(c, cAt);
    p1.add(FloatVector.fromArray(SPECIES, c, cAt + LANES)).intoArray(c, cAt + LANES);
    p2.add(FloatVector.fromArray(SPECIES, c, cAt + 2 * LANES)).intoArray(c, cAt + 2 * LANES);
    p3.add(FloatVector.fromArray(SPECIES, c, cAt + 3 * LANES)).intoArray(c, cAt + 3 * LANES);
    q0.add(FloatVector.fromArray(SPECIES, c, cAt + cStride)).intoArray(c, cAt + cStride);
    q1.add(FloatVector.fromArray(SPECIES, c, cAt + cStride + LANES))
        .intoArray(c, cAt + cStride + LANES);
    q2.add(FloatVector.fromArray(SPECIES, c, cAt + cStride + 2 * LANES))
        .intoArray(c, cAt + cStride + 2 * LANES);
    q3.add(FloatVector.fromArray(SPECIES, c, cAt + cStride + 3 * LANES))
        .intoArray(c, cAt + cStride + 3 * LANES);
    r0.add(FloatVector.fromArray(SPECIES, c, cAt + 2 * cStride)).intoArray(c, cAt + 2 * cStride);
    r1.add(FloatVector.fromArray(SPECIES, c, cAt + 2 * cStride + LANES))
        .intoArray(c, cAt + 2 * cStride + LANES);
    r2.add(FloatVector.fromArray(SPECIES, c, cAt + 2 * cStride + 2 * LANES))
        .intoArray(c, cAt + 2 * cStride + 2 * LANES);
    r3.add(FloatVector.fromArray(SPECIES, c, cAt + 2 * cStride + 3 * LANES))
        .intoArray(c, cAt + 2 * cStride + 3 * LANES);
  }

  /** Keeps accumulators in the 16 registers of AVX2; see {@link ConvTile6Simd}. */
  private static void fence() {
    if (!SimdTile.MANY_REGISTERS) {
      VarHandle.loadLoadFence();
    }
  }
}
