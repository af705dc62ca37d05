package dev.orrery.kernels.norm;

import static dev.orrery.kernels.cpu.SimdTile.LANES;
import static dev.orrery.kernels.cpu.SimdTile.SPECIES;

import dev.orrery.kernels.cpu.LaneSum;
import dev.orrery.kernels.cpu.RowPass;
import dev.orrery.kernels.cpu.RowSum;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * The normalising part of layer norm on the Vector API: a row becomes {@code (x - mean) / sqrt(var + eps)}.
 *
 * <p>A sum in fp32 knows the mean only to some 1e-7 of its size, which is much when the mean is a thousand times the spread.
 * So that first mean is subtracted (exactly, for values near it), and what is left has a mean and a variance of its own,
 * known to 1e-7 of the spread. The first mean need not be right for the result to be.
 */
final class LayerNormRow {
  private LayerNormRow() {}

  /** Normalises the padded row of {@code columns} values from {@code at} on. */
  static void normalize(float[] values, int at, int columns, double eps) {
    float origin = RowSum.values(values, at, columns) / columns;
    Arrays.fill(values, at + columns, at + RowPass.padded(columns), origin);
    FloatVector sums = FloatVector.zero(SPECIES);
    FloatVector squares = FloatVector.zero(SPECIES);
    for (int i = 0; i < columns; i += LANES) {
      FloatVector deviation = FloatVector.fromArray(SPECIES, values, at + i).sub(origin);
      deviation.intoArray(values, at + i);
      sums = sums.add(deviation);
      squares = deviation.fma(deviation, squares);
    }
    double shift = (double) LaneSum.of(sums) / columns;
    double variance = Math.max(0, (double) LaneSum.of(squares) / columns - shift * shift);
    float scale = (float) (1 / Math.sqrt(variance + eps));
    for (int i = 0; i < columns; i += LANES) {
      FloatVector deviation = FloatVector.fromArray(SPECIES, values, at + i).sub((float) shift);
      deviation.mul(scale).intoArray(values, at + i);
    }
  }
}
