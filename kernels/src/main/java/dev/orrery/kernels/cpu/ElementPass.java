package dev.orrery.kernels.cpu;

import dev.orrery.kernels.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * One pass over the elements of a tensor, or of two tensors of one shape: blocks of them are brought to arrays, changed
 * there and stored. The output may be either input.
 */
public final class ElementPass {
  private static final int BLOCK = RowPass.BLOCK_VALUES;

  /** Changes a block of elements of one tensor. */
  @FunctionalInterface
  public interface One {
    /**
     * Replaces the first {@code count} values. The array is long enough to work in whole vectors.
     *
     * @param values elements of the tensor; what lies behind them is of no consequence
     */
    void run(float[] values, int count);
  }

  /** Changes a block of elements of one tensor by those of another. */
  @FunctionalInterface
  public interface Two {
    /**
     * Replaces the first {@code count} values of {@code x}. Both arrays are long enough to work in whole vectors.
     *
     * @param x elements of the first tensor, replaced by the results
     * @param y elements of the second tensor
     */
    void run(float[] x, float[] y, int count);
  }

  private ElementPass() {}

  /** Runs {@code function} on all elements of x. */
  public static void run(CpuThreads threads, Tensor x, Tensor out, One function) {
    MemorySegment from = x.segment();
    MemorySegment to = out.segment();
    forEachBlock(
        threads,
        x.elements(),
        (start, count, scratch) -> {
          float[] values = load(from, start, count, scratch, 0);
          function.run(values, count);
          store(values, count, to, start);
        });
  }

  /** Runs {@code function} on all elements of x and y. */
  public static void run(CpuThreads threads, Tensor x, Tensor y, Tensor out, Two function) {
    MemorySegment first = x.segment();
    MemorySegment second = y.segment();
    MemorySegment to = out.segment();
    forEachBlock(
        threads,
        x.elements(),
        (start, count, scratch) -> {
          float[] values = load(first, start, count, scratch, 0);
          function.run(values, load(second, start, count, scratch, 1), count);
          store(values, count, to, start);
        });
  }

  @FunctionalInterface
  private interface Block {
    void run(long start, int count, Scratch scratch);
  }

  private static void forEachBlock(CpuThreads threads, long elements, Block block) {
    long perItem = RowPass.ITEM_VALUES;
    threads.forEach(
        Math.toIntExact(Math.ceilDiv(elements, perItem)),
        (item, scratch) -> {
          long end = Math.min(elements, (item + 1) * perItem);
          for (long start = item * perItem; start < end; start += BLOCK) {
            block.run(start, (int) Math.min(BLOCK, end - start), scratch);
          }
        });
  }

  private static float[] load(
      MemorySegment from, long start, int count, Scratch scratch, int slot) {
    float[] values = scratch.floats(slot, BLOCK);
    MemorySegment.copy(from, ValueLayout.JAVA_FLOAT_UNALIGNED, 4 * start, values, 0, count);
    return values;
  }

  private static void store(float[] values, int count, MemorySegment to, long start) {
    MemorySegment.copy(values, 0, to, ValueLayout.JAVA_FLOAT_UNALIGNED, 4 * start, count);
  }
}
