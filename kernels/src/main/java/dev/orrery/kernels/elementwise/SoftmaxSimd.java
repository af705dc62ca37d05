package dev.orrery.kernels.elementwise;

import static dev.orrery.kernels.cpu.SimdTile.LANES;
import static dev.orrery.kernels.cpu.SimdTile.SPECIES;

import dev.orrery.kernels.cpu.CpuKernel;
import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.cpu.Lanes;
import dev.orrery.kernels.cpu.RowPass;
import dev.orrery.kernels.cpu.VectorMath;
import dev.orrery.kernels.tensor.Tensor;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Vector API: the largest value, the exponentials, their sum, then a multiplication by its inverse.
 * Each is a pass over a row in L1; sums have two chains, since each is four dependent operations
 * long.
 */
public final class SoftmaxSimd extends CpuKernel implements Softmax {
  public SoftmaxSimd(CpuThreads threads) {
    super(threads);
  }

  @Override
  public void launch(Tensor x, Tensor out) {
    int columns = x.size(1);
    int padded = RowPass.padded(columns);
    RowPass.arrays(
        threads,
        x,
        columns,
        out,
        (values, first, rows) -> {
          for (int row = 0; row < rows; row++) {
            softmax(values, row * padded, columns);
          }
        });
  }

  private static void softmax(float[] values, int at, int columns) {
    int end = at + RowPass.padded(columns);
    // The padding must be neither the largest value nor part of the sum.
    Arrays.fill(values, at + columns, end, Float.NEGATIVE_INFINITY);
    powers(values, at, end, largest(values, at, end));
    float factor = 1 / sum(values, at, end);
    for (int i = at; i < end; i += LANES) {
      FloatVector.fromArray(SPECIES, values, i).mul(factor).intoArray(values, i);
    }
  }

  private static float largest(float[] values, int at, int end) {
    FloatVector even = FloatVector.fromArray(SPECIES, values, at);
    FloatVector odd = even;
    int i = at + LANES;
    for (; i < end - LANES; i += 2 * LANES) {
      even = larger(even, FloatVector.fromArray(SPECIES, values, i));
      odd = larger(odd, FloatVector.fromArray(SPECIES, values, i + LANES));
    }
    if (i < end) {
      even = larger(even, FloatVector.fromArray(SPECIES, values, i));
    }
    return larger(even, odd).reduceLanes(VectorOperators.MAX);
  }

  /** Two instructions; max() would take six, to get NaN and negative zero right. */
  private static FloatVector larger(FloatVector most, FloatVector x) {
    return most.blend(x, x.compare(VectorOperators.GT, most));
  }

  private static void powers(float[] values, int at, int end, float origin) {
    for (int i = at; i < end; i += LANES) {
      FloatVector distance = FloatVector.fromArray(SPECIES, values, i).sub(origin);
      VectorMath.expNonPositive(distance).intoArray(values, i);
    }
  }

  /** Kahan's summation: thousands of small terms beside a large one otherwise cost 1e-6. */
  private static float sum(float[] values, int at, int end) {
    FloatVector even = FloatVector.zero(SPECIES);
    FloatVector odd = FloatVector.zero(SPECIES);
    FloatVector lostOfEven = FloatVector.zero(SPECIES);
    FloatVector lostOfOdd = FloatVector.zero(SPECIES);
    int i = at;
    for (; i < end - LANES; i += 2 * LANES) {
      FloatVector term = FloatVector.fromArray(SPECIES, values, i).sub(lostOfEven);
      FloatVector next = even.add(term);
      lostOfEven = next.sub(even).sub(term);
      even = next;
      term = FloatVector.fromArray(SPECIES, values, i + LANES).sub(lostOfOdd);
      next = odd.add(term);
      lostOfOdd = next.sub(odd).sub(term);
      odd = next;
    }
    if (i < end) {
      even = even.add(FloatVector.fromArray(SPECIES, values, i).sub(lostOfEven));
      lostOfEven = FloatVector.zero(SPECIES);
    }
    return Lanes.sum(even.add(odd));
  }
}
