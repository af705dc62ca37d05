package dev.orrery.kernels.norm;

import static dev.orrery.kernels.cpu.SimdTile.LANES;
import static dev.orrery.kernels.cpu.SimdTile.SPECIES;

import dev.orrery.kernels.cpu.Lanes;
import jdk.incubator.vector.FloatVector;

/**
 * Root mean square norms of a row in an array, on the Vector API. Rows take whole vectors, their
 * padding is zero. Sums are those of {@link dev.orrery.kernels.cpu.RowSum}, bit for bit.
 */
final class RmsRowSimd {
  private RmsRowSimd() {}

  /** Sum of the squares of a row, in fp32 and in one fixed order. */
  static float squares(float[] values, int at, int padded) {
    FloatVector even = FloatVector.zero(SPECIES);
    FloatVector odd = FloatVector.zero(SPECIES);
    int i = at;
    for (; i < at + padded - LANES; i += 2 * LANES) {
      FloatVector x = FloatVector.fromArray(SPECIES, values, i);
      FloatVector y = FloatVector.fromArray(SPECIES, values, i + LANES);
      even = x.fma(x, even);
      odd = y.fma(y, odd);
    }
    if (i < at + padded) {
      FloatVector last = FloatVector.fromArray(SPECIES, values, i);
      even = last.fma(last, even);
    }
    return Lanes.sum(even.add(odd));
  }

  /** Multiplies a row by a scale, then each value by the weight of its column. */
  static void scale(float[] values, int at, int padded, float scale, float[] weights) {
    for (int i = 0; i < padded; i += LANES) {
      FloatVector weight = FloatVector.fromArray(SPECIES, weights, i);
      FloatVector x = FloatVector.fromArray(SPECIES, values, at + i);
      x.mul(scale).mul(weight).intoArray(values, at + i);
    }
  }
}
