package dev.orrery.kernels.cpu;

import static dev.orrery.kernels.cpu.SimdTile.LANES;
import static dev.orrery.kernels.cpu.SimdTile.SPECIES;

import jdk.incubator.vector.FloatVector;

/** Sums over a padded row, whose padding is zero, in fp32 and in one fixed order. */
public final class RowSum {
  private RowSum() {}

  /** Sum of the {@code columns} values from {@code at} on. */
  public static float values(float[] values, int at, int columns) {
    FloatVector even = FloatVector.zero(SPECIES);
    FloatVector odd = FloatVector.zero(SPECIES);
    int i = 0;
    for (; i + LANES < columns; i += 2 * LANES) {
      even = even.add(FloatVector.fromArray(SPECIES, values, at + i));
      odd = odd.add(FloatVector.fromArray(SPECIES, values, at + i + LANES));
    }
    if (i < columns) {
      even = even.add(FloatVector.fromArray(SPECIES, values, at + i));
    }
    return LaneSum.of(even.add(odd));
  }

  /** Sum of the squares of the {@code columns} values from {@code at} on. */
  public static float squares(float[] values, int at, int columns) {
    FloatVector even = FloatVector.zero(SPECIES);
    FloatVector odd = FloatVector.zero(SPECIES);
    int i = 0;
    for (; i + LANES < columns; i += 2 * LANES) {
      FloatVector first = FloatVector.fromArray(SPECIES, values, at + i);
      FloatVector second = FloatVector.fromArray(SPECIES, values, at + i + LANES);
      even = first.fma(first, even);
      odd = second.fma(second, odd);
    }
    if (i < columns) {
      FloatVector last = FloatVector.fromArray(SPECIES, values, at + i);
      even = last.fma(last, even);
    }
    return LaneSum.of(even.add(odd));
  }
}
