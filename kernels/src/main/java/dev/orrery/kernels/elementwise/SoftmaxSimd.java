package dev.orrery.kernels.elementwise;

import static dev.orrery.kernels.cpu.SimdTile.LANES;
import static dev.orrery.kernels.cpu.SimdTile.SPECIES;

import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.cpu.LaneSum;
import dev.orrery.kernels.cpu.RowPass;
import dev.orrery.kernels.cpu.VectorMath;
import dev.orrery.kernels.tensor.Tensor;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** Vector API: the largest value, then exponentials and their sum, then the division. */
public final class SoftmaxSimd implements Softmax {
  private final CpuThreads threads;

  public SoftmaxSimd(CpuThreads threads) {
    this.threads = threads;
  }

  @Override
  public void launch(Tensor x, Tensor out) {
    int columns = x.size(1);
    RowPass.run(
        threads, x, columns, out, (values, at, row, scratch) -> softmax(values, at, columns));
  }

  private static void softmax(float[] values, int at, int columns) {
    int end = at + RowPass.padded(columns);
    // The padding must be neither the largest value nor part of the sum.
    Arrays.fill(values, at + columns, end, Float.NEGATIVE_INFINITY);
    FloatVector largest = FloatVector.fromArray(SPECIES, values, at);
    for (int i = at + LANES; i < end; i += LANES) {
      largest = largest.max(FloatVector.fromArray(SPECIES, values, i));
    }
    float origin = largest.reduceLanes(VectorOperators.MAX);
    FloatVector sums = FloatVector.zero(SPECIES);
    FloatVector lost = FloatVector.zero(SPECIES);
    for (int i = at; i < end; i += LANES) {
      FloatVector power = VectorMath.exp(FloatVector.fromArray(SPECIES, values, i).sub(origin));
      power.intoArray(values, i);
      // Kahan's summation: thousands of small terms beside a large one otherwise cost 1e-6.
      FloatVector term = power.sub(lost);
      FloatVector next = sums.add(term);
      lost = next.sub(sums).sub(term);
      sums = next;
    }
    float sum = LaneSum.of(sums);
    for (int i = at; i < end; i += LANES) {
      FloatVector.fromArray(SPECIES, values, i).div(sum).intoArray(values, i);
    }
  }
}
