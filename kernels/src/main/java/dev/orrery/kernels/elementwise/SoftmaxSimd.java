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

/** Vector API: the largest value, then exponentials and their sum, then the division. */
public final class SoftmaxSimd extends CpuKernel implements Softmax {
  public SoftmaxSimd(CpuThreads threads) {
    super(threads);
  }

  @Override
  public void launch(Tensor x, Tensor out) {
    int columns = x.size(1);
    RowPass.arrays(threads, x, columns, out, (values, row) -> softmax(values, columns));
  }

  private static void softmax(float[] values, int columns) {
    // The padding must be neither the largest value nor part of the sum.
    Arrays.fill(values, columns, RowPass.padded(columns), Float.NEGATIVE_INFINITY);
    FloatVector largest = FloatVector.fromArray(SPECIES, values, 0);
    for (int i = LANES; i < columns; i += LANES) {
      largest = largest.max(FloatVector.fromArray(SPECIES, values, i));
    }
    float origin = largest.reduceLanes(VectorOperators.MAX);
    FloatVector sums = FloatVector.zero(SPECIES);
    FloatVector lost = FloatVector.zero(SPECIES);
    for (int i = 0; i < columns; i += LANES) {
      FloatVector power = VectorMath.exp(FloatVector.fromArray(SPECIES, values, i).sub(origin));
      power.intoArray(values, i);
      // Kahan's summation: thousands of small terms beside a large one otherwise cost 1e-6.
      FloatVector term = power.sub(lost);
      FloatVector next = sums.add(term);
      lost = next.sub(sums).sub(term);
      sums = next;
    }
    float sum = Lanes.sum(sums);
    for (int i = 0; i < columns; i += LANES) {
      FloatVector.fromArray(SPECIES, values, i).div(sum).intoArray(values, i);
    }
  }
}
