package dev.orrery.kernels.cpu;

import static dev.orrery.kernels.cpu.SimdTile.LANES;
import static dev.orrery.kernels.cpu.SimdTile.SPECIES;

import jdk.incubator.vector.FloatVector;

/** Scale and offset per column of a row, the last step of several operations. */
public final class RowAffine {
  private RowAffine() {}

  /**
   * Computes {@code values = values * scale + offset}, rounded once.
   *
   * @param values a padded row of {@code columns} values from {@code at} on
   * @param scale padded factors, from {@code parametersAt} on
   * @param offset padded summands, from {@code parametersAt} on
   */
  public static void run(
      float[] values, int at, int columns, float[] scale, float[] offset, int parametersAt) {
    for (int i = 0; i < columns; i += LANES) {
      FloatVector factor = FloatVector.fromArray(SPECIES, scale, parametersAt + i);
      FloatVector summand = FloatVector.fromArray(SPECIES, offset, parametersAt + i);
      FloatVector.fromArray(SPECIES, values, at + i)
          .fma(factor, summand)
          .intoArray(values, at + i);
    }
  }
}
