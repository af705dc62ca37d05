package dev.orrery.kernels.elementwise;

import static dev.orrery.kernels.cpu.SimdTile.LANES;
import static dev.orrery.kernels.cpu.SimdTile.SPECIES;

import dev.orrery.kernels.cpu.CpuKernel;
import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.cpu.Lanes;
import dev.orrery.kernels.cpu.RowPass;
import dev.orrery.kernels.cpu.VectorMath;
import dev.orrery.kernels.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Vector API: the largest value, the exponentials, their sum, then a multiplication by its inverse.
 * Each is a pass over a row in L1; sums have two chains, since each is four dependent operations
 * long.
 */
public final class SoftmaxSimd extends CpuKernel implements Softmax {
  private static final int BYTES = 4 * LANES;

  public SoftmaxSimd(CpuThreads threads) {
    super(threads);
  }

  @Override
  public void launch(Tensor x, Tensor out) {
    int columns = x.size(1);
    RowPass.run(threads, x, columns, out, (rows, at, row) -> softmax(rows, at, columns));
  }

  private static void softmax(RowPass.Rows rows, long at, int columns) {
    MemorySegment out = rows.out();
    long end = at + 4L * RowPass.padded(columns);
    // The padding must be neither the largest value nor part of the sum.
    for (long i = at + 4L * columns; i < end; i += 4) {
      rows.x().set(ValueLayout.JAVA_FLOAT_UNALIGNED, i, Float.NEGATIVE_INFINITY);
    }
    powers(rows.x(), out, at, end, largest(rows.x(), at, end));
    multiply(out, at, end, 1 / sum(out, at, end));
  }

  private static float largest(MemorySegment x, long at, long end) {
    FloatVector even = Lanes.load(x, at);
    FloatVector odd = even;
    long i = at + BYTES;
    for (; i < end - BYTES; i += 2 * BYTES) {
      even = larger(even, Lanes.load(x, i));
      odd = larger(odd, Lanes.load(x, i + BYTES));
    }
    if (i < end) {
      even = larger(even, Lanes.load(x, i));
    }
    return larger(even, odd).reduceLanes(VectorOperators.MAX);
  }

  /** Two instructions; max() would take six, to get NaN and negative zero right. */
  private static FloatVector larger(FloatVector most, FloatVector x) {
    return most.blend(x, x.compare(VectorOperators.GT, most));
  }

  private static void powers(MemorySegment x, MemorySegment out, long at, long end, float origin) {
    for (long i = at; i < end; i += BYTES) {
      Lanes.store(VectorMath.expNonPositive(Lanes.load(x, i).sub(origin)), out, i);
    }
  }

  /** Kahan's summation: thousands of small terms beside a large one otherwise cost 1e-6. */
  private static float sum(MemorySegment values, long at, long end) {
    FloatVector even = FloatVector.zero(SPECIES);
    FloatVector odd = FloatVector.zero(SPECIES);
    FloatVector lostOfEven = FloatVector.zero(SPECIES);
    FloatVector lostOfOdd = FloatVector.zero(SPECIES);
    long i = at;
    for (; i < end - BYTES; i += 2 * BYTES) {
      FloatVector term = Lanes.load(values, i).sub(lostOfEven);
      FloatVector next = even.add(term);
      lostOfEven = next.sub(even).sub(term);
      even = next;
      term = Lanes.load(values, i + BYTES).sub(lostOfOdd);
      next = odd.add(term);
      lostOfOdd = next.sub(odd).sub(term);
      odd = next;
    }
    if (i < end) {
      even = even.add(Lanes.load(values, i).sub(lostOfEven));
      lostOfEven = FloatVector.zero(SPECIES);
    }
    return Lanes.sum(even.add(odd));
  }

  private static void multiply(MemorySegment values, long at, long end, float factor) {
    for (long i = at; i < end; i += BYTES) {
      Lanes.store(Lanes.load(values, i).mul(factor), values, i);
    }
  }
}
