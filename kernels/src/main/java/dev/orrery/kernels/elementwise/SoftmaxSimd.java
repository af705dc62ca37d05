package dev.orrery.kernels.elementwise;

import static dev.orrery.kernels.cpu.SimdTile.LANES;
import static dev.orrery.kernels.cpu.SimdTile.SPECIES;

import dev.orrery.kernels.cpu.CpuKernel;
import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.cpu.Lanes;
import dev.orrery.kernels.cpu.RowPass;
import dev.orrery.kernels.cpu.Scratch;
import dev.orrery.kernels.cpu.VectorMath;
import dev.orrery.kernels.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Vector API: the largest value, the exponentials and their sum, then a multiplication by its
 * inverse. While the exponentials of a row are computed, the next one is read from memory for its
 * largest value.
 */
public final class SoftmaxSimd extends CpuKernel implements Softmax {
  private static final int BYTES = 4 * LANES;

  /** Bytes whose exponentials are summed before they are added to the others. */
  private static final int SUMMED = 16 * BYTES;

  /** Values of rows that a thread computes one after the other. */
  private static final int BLOCK = 32768;

  /** What a pass finds, in a thread's own scratch: the sum, and the next row's largest value. */
  private static final Scratch.Floats FOUND = new Scratch.Floats();

  private static final int SUM = 0;
  private static final int LARGEST = 1;

  public SoftmaxSimd(CpuThreads threads) {
    super(threads);
  }

  @Override
  public void launch(Tensor x, Tensor out) {
    int columns = x.size(1);
    if (columns != RowPass.padded(columns)) {
      RowPass.run(threads, x, columns, out, (rows, at, row) -> padded(rows, at, columns));
      return;
    }
    MemorySegment from = x.segment();
    MemorySegment to = out.segment();
    int blockRows = Math.max(1, BLOCK / Math.max(1, columns));
    RowPass.split(
        threads,
        x.elements(),
        blockRows * columns,
        (block, scratch) -> {
          int first = block * blockRows;
          int rows = Math.min(blockRows, x.size(0) - first);
          softmax(from, to, 4L * first * columns, rows, columns, scratch.floats(FOUND, 2));
        });
  }

  /** A row whose padding must be neither the largest value nor part of the sum. */
  private static void padded(RowPass.Rows rows, long at, int columns) {
    int padded = RowPass.padded(columns);
    for (int i = columns; i < padded; i++) {
      rows.x().set(ValueLayout.JAVA_FLOAT_UNALIGNED, at + 4L * i, Float.NEGATIVE_INFINITY);
    }
    softmax(rows.x(), rows.out(), at, 1, padded, new float[2]);
  }

  private static void softmax(
      MemorySegment x, MemorySegment out, long first, int rows, int columns, float[] found) {
    long row = 4L * columns;
    long end = first + rows * row;
    found[LARGEST] = largest(x, first, first + row);
    for (long at = first; at < end; at += row) {
      long next = at + row < end ? at + row : at;
      powers(x, out, at, columns, next, found);
      multiply(out, at, at + row, 1 / found[SUM]);
    }
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
   * Stores the exponentials of a row and finds their sum and the largest value of the next one. The
   * sum is taken by the block: a single chain of thousands of small terms beside a large one would
   * cost 1e-6.
   */
  private static void powers(
      MemorySegment x, MemorySegment out, long at, int columns, long next, float[] found) {
    float origin = found[LARGEST];
    FloatVector most = FloatVector.broadcast(SPECIES, Float.NEGATIVE_INFINITY);
    FloatVector total = FloatVector.zero(SPECIES);
    for (int block = 0; block < 4 * columns; block += SUMMED) {
      int end = Math.min(4 * columns, block + SUMMED);
      FloatVector sum = FloatVector.zero(SPECIES);
      for (int i = block; i < end; i += BYTES) {
        most = larger(most, Lanes.load(x, next + i));
        FloatVector power = VectorMath.expNonPositive(Lanes.load(x, at + i).sub(origin));
        Lanes.store(power, out, at + i);
        sum = sum.add(power);
      }
      total = total.add(sum);
    }
    found[LARGEST] = most.reduceLanes(VectorOperators.MAX);
    found[SUM] = Lanes.sum(total);
  }

  private static void multiply(MemorySegment values, long at, long end, float factor) {
    for (long i = at; i < end; i += BYTES) {
      Lanes.store(Lanes.load(values, i).mul(factor), values, i);
    }
  }
}
