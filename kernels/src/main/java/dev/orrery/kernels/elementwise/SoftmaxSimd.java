package dev.orrery.kernels.elementwise;

import static dev.orrery.kernels.cpu.SimdTile.LANES;
import static dev.orrery.kernels.cpu.SimdTile.SPECIES;

import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.cpu.Lanes;
import dev.orrery.kernels.cpu.RowPass;
import dev.orrery.kernels.cpu.VectorMath;
import dev.orrery.kernels.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
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
        threads, x, columns, out, (rows, at, row) -> softmax(rows.x(), rows.out(), at, columns));
  }

  private static void softmax(MemorySegment x, MemorySegment out, long at, int columns) {
    // The padding must be neither the largest value nor part of the sum.
    for (int i = columns; i < RowPass.padded(columns); i++) {
      x.set(ValueLayout.JAVA_FLOAT_UNALIGNED, at + 4L * i, Float.NEGATIVE_INFINITY);
    }
    FloatVector largest = Lanes.load(x, at);
    for (int i = LANES; i < columns; i += LANES) {
      largest = largest.max(Lanes.load(x, at + 4L * i));
    }
    float origin = largest.reduceLanes(VectorOperators.MAX);
    FloatVector sums = FloatVector.zero(SPECIES);
    FloatVector lost = FloatVector.zero(SPECIES);
    for (int i = 0; i < columns; i += LANES) {
      FloatVector power = VectorMath.exp(Lanes.load(x, at + 4L * i).sub(origin));
      Lanes.store(power, out, at + 4L * i);
      // Kahan's summation: thousands of small terms beside a large one otherwise cost 1e-6.
      FloatVector term = power.sub(lost);
      FloatVector next = sums.add(term);
      lost = next.sub(sums).sub(term);
      sums = next;
    }
    float sum = Lanes.sum(sums);
    for (int i = 0; i < columns; i += LANES) {
      Lanes.store(Lanes.load(out, at + 4L * i).div(sum), out, at + 4L * i);
    }
  }
}
