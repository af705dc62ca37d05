package dev.orrery.kernels.norm;

import static dev.orrery.kernels.cpu.SimdTile.LANES;
import static dev.orrery.kernels.cpu.SimdTile.SPECIES;

import dev.orrery.kernels.cpu.Lanes;
import dev.orrery.kernels.cpu.RowPass;
import dev.orrery.kernels.cpu.RowSum;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;

/**
 * Layer norm of one row on the Vector API, with a factor and a summand for each column.
 *
 * <p>A sum in fp32 knows the mean only to some 1e-7 of its size, which is much when the mean is a
 * thousand times the spread. So that first mean is subtracted (exactly, for values near it), and
 * what is left has a mean and a variance of its own, known to 1e-7 of the spread. The first mean
 * need not be right for the result to be.
 */
final class LayerNormRowSimd {
  private LayerNormRowSimd() {}

  /**
   * Computes {@code out = (x - mean) / sqrt(var + eps) * factors + summands}.
   *
   * @param at byte offset of the row of {@code columns} values
   * @param factors and {@code summands} one for each column, from {@code parametersAt} on
   */
  static void run(
      RowPass.Rows rows,
      long at,
      int columns,
      double eps,
      float[] factors,
      float[] summands,
      int parametersAt) {
    MemorySegment x = rows.x();
    float origin = RowSum.values(x, at, columns) / columns;
    for (int i = columns; i < RowPass.padded(columns); i++) {
      x.set(ValueLayout.JAVA_FLOAT_UNALIGNED, at + 4L * i, origin);
    }
    FloatVector sums = FloatVector.zero(SPECIES);
    FloatVector squares = FloatVector.zero(SPECIES);
    FloatVector otherSums = FloatVector.zero(SPECIES);
    FloatVector otherSquares = FloatVector.zero(SPECIES);
    // Two chains of each that take turns, as in RowSum.
    for (int i = 0; i < columns; i += LANES) {
      FloatVector deviation = Lanes.load(x, at + 4L * i).sub(origin);
      FloatVector nextSums = otherSums.add(deviation);
      FloatVector nextSquares = deviation.fma(deviation, otherSquares);
      otherSums = sums;
      otherSquares = squares;
      sums = nextSums;
      squares = nextSquares;
    }
    sums = sums.add(otherSums);
    squares = squares.add(otherSquares);
    double shift = (double) Lanes.sum(sums) / columns;
    double variance = Math.max(0, (double) Lanes.sum(squares) / columns - shift * shift);
    float scale = (float) (1 / Math.sqrt(variance + eps));
    for (int i = 0; i < columns; i += LANES) {
      FloatVector deviation = Lanes.load(x, at + 4L * i).sub(origin).sub((float) shift);
      FloatVector factor = FloatVector.fromArray(SPECIES, factors, parametersAt + i);
      FloatVector summand = FloatVector.fromArray(SPECIES, summands, parametersAt + i);
      Lanes.store(deviation.mul(scale).fma(factor, summand), rows.out(), at + 4L * i);
    }
  }
}
