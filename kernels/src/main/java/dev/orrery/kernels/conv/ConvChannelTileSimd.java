package dev.orrery.kernels.conv;

import dev.orrery.kernels.cpu.LaneSums;
import dev.orrery.kernels.cpu.SimdTile;
import java.lang.invoke.VarHandle;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The inner loop of {@link FewChannelsConvSimd}: products of neighbouring pixels with the weights
 * of {@link #CHANNELS} output channels, vectors along the input channels as they lie in memory,
 * where those of all columns of the kernel are one run. A sum is {@link LaneSums#PARTS} chains of
 * multiply-adds, each over every PARTS-th value of a run, for every width of vectors and shape of
 * the tile.
 *
 * <p>The tiles are written out by hand because C2 keeps a local variable in a register and an array
 * of vectors in memory; see {@link SimdTile}, which chooses for how many registers. Of the loop
 * over a run C2 checks no bounds.
 */
final class ConvChannelTileSimd {
  private static final VectorSpecies<Float> SPECIES = SimdTile.SPECIES;
  private static final int PARTS = LaneSums.PARTS;

  /** Output channels of a tile. */
  static final int CHANNELS = 3;

  /** Pixels of {@link #wide} and of {@link #narrow}. */
  static final int WIDE = 8;

  static final int NARROW = 3;

  /** A multiple of the pixels of a tile, of which {@link LaneSums} can add up the parts. */
  static final int PIXELS = SimdTile.MANY_REGISTERS ? 2 * WIDE : 8 * NARROW;

  private ConvChannelTileSimd() {}

  /**
   * Adds the products of some pixels: {@code c[pixel, channel, part] += a[pixel * step + runs[n] +
   * i * PARTS + part] * b[(n - from) * length / PARTS + i, channel, part]}, summed over n and i.
   *
   * @param a input values
   * @param pixels a multiple of {@link #PIXELS}
   * @param step distance of the pixels
   * @param runs where each run of the first pixel begins
   * @param from first run
   * @param to one behind the last run
   * @param length values of a run, a multiple of PARTS
   * @param b {@code [(to - from) * length / PARTS, CHANNELS, PARTS]} from {@code bAt} on
   * @param c {@code [pixels, CHANNELS, PARTS]}
   */
  static void run(
      float[] a,
      int pixels,
      int step,
      int[] runs,
      int from,
      int to,
      int length,
      float[] b,
      int bAt,
      float[] c) {
    int tile = SimdTile.MANY_REGISTERS ? WIDE : NARROW;
    for (int part = 0; part < PARTS; part += SimdTile.LANES) {
      for (int pixel = 0; pixel < pixels; pixel += tile) {
        int at = pixel * step + part;
        int cAt = pixel * CHANNELS * PARTS + part;
        if (SimdTile.MANY_REGISTERS) {
          wide(a, at, step, runs, from, to, length, b, bAt + part, c, cAt);
        } else {
          narrow(a, at, step, runs, from, to, length, b, bAt + part, c, cAt);
        }
      }
    }
  }

  /** A vector of each of 8 pixels, 24 accumulators: 11 loads for 24 multiply-adds. */
  static void wide(
      float[] a,
      int aAt,
      int step,
      int[] runs,
      int from,
      int to,
      int length,
      float[] b,
      int bAt,
      float[] c,
      int cAt) {
    FloatVector p0 = FloatVector.fromArray(SPECIES, c, cAt);
    FloatVector q0 = FloatVector.fromArray(SPECIES, c, cAt + PARTS);
    FloatVector r0 = FloatVector.fromArray(SPECIES, c, cAt + 2 * PARTS);
    FloatVector p1 = FloatVector.fromArray(SPECIES, c, cAt + 3 * PARTS);
    FloatVector q1 = FloatVector.fromArray(SPECIES, c, cAt + 4 * PARTS);
    FloatVector r1 = FloatVector.fromArray(SPECIES, c, cAt + 5 * PARTS);
    FloatVector p2 = FloatVector.fromArray(SPECIES, c, cAt + 6 * PARTS);
    FloatVector q2 = FloatVector.fromArray(SPECIES, c, cAt + 7 * PARTS);
    FloatVector r2 = FloatVector.fromArray(SPECIES, c, cAt + 8 * PARTS);
    FloatVector p3 = FloatVector.fromArray(SPECIES, c, cAt + 9 * PARTS);
    FloatVector q3 = FloatVector.fromArray(SPECIES, c, cAt + 10 * PARTS);
    FloatVector r3 = FloatVector.fromArray(SPECIES, c, cAt + 11 * PARTS);
    FloatVector p4 = FloatVector.fromArray(SPECIES, c, cAt + 12 * PARTS);
    FloatVector q4 = FloatVector.fromArray(SPECIES, c, cAt + 13 * PARTS);
    FloatVector r4 = FloatVector.fromArray(SPECIES, c, cAt + 14 * PARTS);
    FloatVector p5 = FloatVector.fromArray(SPECIES, c, cAt + 15 * PARTS);
    FloatVector q5 = FloatVector.fromArray(SPECIES, c, cAt + 16 * PARTS);
    FloatVector r5 = FloatVector.fromArray(SPECIES, c, cAt + 17 * PARTS);
    FloatVector p6 = FloatVector.fromArray(SPECIES, c, cAt + 18 * PARTS);
    FloatVector q6 = FloatVector.fromArray(SPECIES, c, cAt + 19 * PARTS);
    FloatVector r6 = FloatVector.fromArray(SPECIES, c, cAt + 20 * PARTS);
    FloatVector p7 = FloatVector.fromArray(SPECIES, c, cAt + 21 * PARTS);
    FloatVector q7 = FloatVector.fromArray(SPECIES, c, cAt + 22 * PARTS);
    FloatVector r7 = FloatVector.fromArray(SPECIES, c, cAt + 23 * PARTS);
    for (int n = from; n < to; n++) {
      int end = aAt + runs[n] + length;
      for (int at = aAt + runs[n]; at < end; at += PARTS) {
        FloatVector b0 = FloatVector.fromArray(SPECIES, b, bAt);
        FloatVector b1 = FloatVector.fromArray(SPECIES, b, bAt + PARTS);
        FloatVector b2 = FloatVector.fromArray(SPECIES, b, bAt + 2 * PARTS);
        FloatVector a0 = FloatVector.fromArray(SPECIES, a, at);
        p0 = a0.fma(b0, p0);
        q0 = a0.fma(b1, q0);
        r0 = a0.fma(b2, r0);
        FloatVector a1 = FloatVector.fromArray(SPECIES, a, at + step);
        p1 = a1.fma(b0, p1);
        q1 = a1.fma(b1, q1);
        r1 = a1.fma(b2, r1);
        FloatVector a2 = FloatVector.fromArray(SPECIES, a, at + 2 * step);
        p2 = a2.fma(b0, p2);
        q2 = a2.fma(b1, q2);
        r2 = a2.fma(b2, r2);
        FloatVector a3 = FloatVector.fromArray(SPECIES, a, at + 3 * step);
        p3 = a3.fma(b0, p3);
        q3 = a3.fma(b1, q3);
        r3 = a3.fma(b2, r3);
        fence();
        FloatVector a4 = FloatVector.fromArray(SPECIES, a, at + 4 * step);
        p4 = a4.fma(b0, p4);
        q4 = a4.fma(b1, q4);
        r4 = a4.fma(b2, r4);
        FloatVector a5 = FloatVector.fromArray(SPECIES, a, at + 5 * step);
        p5 = a5.fma(b0, p5);
        q5 = a5.fma(b1, q5);
        r5 = a5.fma(b2, r5);
        FloatVector a6 = FloatVector.fromArray(SPECIES, a, at + 6 * step);
        p6 = a6.fma(b0, p6);
        q6 = a6.fma(b1, q6);
        r6 = a6.fma(b2, r6);
        FloatVector a7 = FloatVector.fromArray(SPECIES, a, at + 7 * step);
        p7 = a7.fma(b0, p7);
        q7 = a7.fma(b1, q7);
        r7 = a7.fma(b2, r7);
        bAt += CHANNELS * PARTS;
      }
    }
    p0.intoArray(c, cAt);
    q0.intoArray(c, cAt + PARTS);
    r0.intoArray(c, cAt + 2 * PARTS);
    p1.intoArray(c, cAt + 3 * PARTS);
    q1.intoArray(c, cAt + 4 * PARTS);
    r1.intoArray(c, cAt + 5 * PARTS);
    p2.intoArray(c, cAt + 6 * PARTS);
    q2.intoArray(c, cAt + 7 * PARTS);
    r2.intoArray(c, cAt + 8 * PARTS);
    p3.intoArray(c, cAt + 9 * PARTS);
    q3.intoArray(c, cAt + 10 * PARTS);
    r3.intoArray(c, cAt + 11 * PARTS);
    p4.intoArray(c, cAt + 12 * PARTS);
    q4.intoArray(c, cAt + 13 * PARTS);
    r4.intoArray(c, cAt + 14 * PARTS);
    p5.intoArray(c, cAt + 15 * PARTS);
    q5.intoArray(c, cAt + 16 * PARTS);
    r5.intoArray(c, cAt + 17 * PARTS);
    p6.intoArray(c, cAt + 18 * PARTS);
    q6.intoArray(c, cAt + 19 * PARTS);
    r6.intoArray(c, cAt + 20 * PARTS);
    p7.intoArray(c, cAt + 21 * PARTS);
    q7.intoArray(c, cAt + 22 * PARTS);
    r7.intoArray(c, cAt + 23 * PARTS);
  }

  /** A vector of each of 3 pixels, for 16 registers: 6 loads for 9 multiply-adds. */
  static void narrow(
      float[] a,
      int aAt,
      int step,
      int[] runs,
      int from,
      int to,
      int length,
      float[] b,
      int bAt,
      float[] c,
      int cAt) {
    FloatVector p0 = FloatVector.fromArray(SPECIES, c, cAt);
    FloatVector q0 = FloatVector.fromArray(SPECIES, c, cAt + PARTS);
    FloatVector r0 = FloatVector.fromArray(SPECIES, c, cAt + 2 * PARTS);
    FloatVector p1 = FloatVector.fromArray(SPECIES, c, cAt + 3 * PARTS);
    FloatVector q1 = FloatVector.fromArray(SPECIES, c, cAt + 4 * PARTS);
    FloatVector r1 = FloatVector.fromArray(SPECIES, c, cAt + 5 * PARTS);
    FloatVector p2 = FloatVector.fromArray(SPECIES, c, cAt + 6 * PARTS);
    FloatVector q2 = FloatVector.fromArray(SPECIES, c, cAt + 7 * PARTS);
    FloatVector r2 = FloatVector.fromArray(SPECIES, c, cAt + 8 * PARTS);
    for (int n = from; n < to; n++) {
      int end = aAt + runs[n] + length;
      for (int at = aAt + runs[n]; at < end; at += PARTS) {
        FloatVector b0 = FloatVector.fromArray(SPECIES, b, bAt);
        FloatVector b1 = FloatVector.fromArray(SPECIES, b, bAt + PARTS);
        FloatVector b2 = FloatVector.fromArray(SPECIES, b, bAt + 2 * PARTS);
        FloatVector a0 = FloatVector.fromArray(SPECIES, a, at);
        p0 = a0.fma(b0, p0);
        q0 = a0.fma(b1, q0);
        r0 = a0.fma(b2, r0);
        fence();
        FloatVector a1 = FloatVector.fromArray(SPECIES, a, at + step);
        p1 = a1.fma(b0, p1);
        q1 = a1.fma(b1, q1);
        r1 = a1.fma(b2, r1);
        fence();
        FloatVector a2 = FloatVector.fromArray(SPECIES, a, at + 2 * step);
        p2 = a2.fma(b0, p2);
        q2 = a2.fma(b1, q2);
        r2 = a2.fma(b2, r2);
        bAt += CHANNELS * PARTS;
      }
    }
    p0.intoArray(c, cAt);
    q0.intoArray(c, cAt + PARTS);
    r0.intoArray(c, cAt + 2 * PARTS);
    p1.intoArray(c, cAt + 3 * PARTS);
    q1.intoArray(c, cAt + 4 * PARTS);
    r1.intoArray(c, cAt + 5 * PARTS);
    p2.intoArray(c, cAt + 6 * PARTS);
    q2.intoArray(c, cAt + 7 * PARTS);
    r2.intoArray(c, cAt + 8 * PARTS);
  }

  /** Keeps C2 from loading so early that accumulators go to the stack; no instruction on x86. */
  private static void fence() {
    if (SimdTile.LANES >= 8) {
      VarHandle.loadLoadFence();
    }
  }
}
