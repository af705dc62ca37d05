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
 * Vector API: the largest value, the exponentials and their sum, then a multiplication by its
 * inverse. Each is a pass over a row in L1.
 */
public final class SoftmaxSimd extends CpuKernel implements Softmax {
  private static final int BYTES = 4 * LANES;

  /** Bytes whose exponentials are summed before they are added to the others. */
  private static final int BLOCK = 16 * BYTES;

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
    float sum = powers(rows.x(), out, at, end, largest(rows.x(), at, end));
    multiply(out, at, end, 1 / sum);
  }

  /** Two chains that take turns, as in {@link dev.orrery.kernels.cpu.RowSum}. */
  private static float largest(MemorySegment x, long at, long end) {
    FloatVector recent = FloatVector.broadcast(SPECIES, Float.NEGATIVE_INFINITY);
    FloatVector other = recent;
    for (long i = at; i < end; i += BYTES) {
      FloatVector next = larger(other, Lanes.load(x, i));
      other = recent;
      recent = next;
    }
    return larger(recent, other).reduceLanes(VectorOperators.MAX);
  }

  /** Two instructions; max() would take six, to get NaN and negative zero right. */
  private static FloatVector larger(FloatVector most, FloatVector x) {
    return most.blend(x, x.compare(VectorOperators.GT, most));
  }

  /**
   * Stores the exponentials and gives their sum, by the block: a single chain of thousands of small
   * terms beside a large one would cost 1e-6.
   */
  private static float powers(MemorySegment x, MemorySegment out, long at, long end, float origin) {
    FloatVector total = FloatVector.zero(SPECIES);
    for (long block = at; block < end; block += BLOCK) {
      long blockEnd = Math.min(end, block + BLOCK);
      FloatVector sum = FloatVector.zero(SPECIES);
      for (long i = block; i < blockEnd; i += BYTES) {
        FloatVector power = VectorMath.expNonPositive(Lanes.load(x, i).sub(origin));
        Lanes.store(power, out, i);
        sum = sum.add(power);
      }
      total = total.add(sum);
    }
    return Lanes.sum(total);
  }

  private static void multiply(MemorySegment values, long at, long end, float factor) {
    for (long i = at; i < end; i += BYTES) {
      Lanes.store(Lanes.load(values, i).mul(factor), values, i);
    }
  }
}
