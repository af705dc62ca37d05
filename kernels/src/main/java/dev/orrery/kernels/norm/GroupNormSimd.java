package dev.orrery.kernels.norm;

import static dev.orrery.kernels.cpu.SimdTile.LANES;
import static dev.orrery.kernels.cpu.SimdTile.SPECIES;

import dev.orrery.kernels.cpu.CpuKernel;
import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.cpu.RowPass;
import dev.orrery.kernels.cpu.Scratch;
import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.linear.ActivationSimd;
import dev.orrery.kernels.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * Vector API. Positions are cut into blocks that a core's cache holds. A first pass over memory
 * finds the moments of each group in each block, about the mean that the block has; they are put
 * together in double, always in the same order; a second pass normalizes.
 */
public final class GroupNormSimd extends CpuKernel implements GroupNorm {
  /** 32 KiB, since a block is read twice. */
  private static final int BLOCK_VALUES = 8192;

  /** Numbers that are kept of a group in a block: origin, sum and squares of distances from it. */
  private static final int MOMENTS = 3;

  private static final Scratch.Floats WEIGHTS = new Scratch.Floats();
  private static final Scratch.Floats BIASES = new Scratch.Floats();
  private static final Scratch.Floats BLOCK_MOMENTS = new Scratch.Floats();
  private static final Scratch.Floats MEANS = new Scratch.Floats();
  private static final Scratch.Floats FACTORS = new Scratch.Floats();
  private static final Scratch.Floats SUMMANDS = new Scratch.Floats();

  private static final Scratch.Floats VALUES = new Scratch.Floats();
  private static final Scratch.Floats ORIGINS = new Scratch.Floats();
  private static final Scratch.Floats SUMS = new Scratch.Floats();
  private static final Scratch.Floats SQUARES = new Scratch.Floats();

  public GroupNormSimd(CpuThreads threads) {
    super(threads);
  }

  @Override
  public void launch(
      Tensor x,
      int groups,
      Tensor weight,
      Tensor bias,
      double eps,
      Activation activation,
      Tensor out) {
    if (x.elements() == 0) {
      return;
    }
    Blocks blocks = Blocks.of(x.size(1), x.size(2), groups);
    int pictures = x.size(0);
    MemorySegment from = x.segment();
    MemorySegment to = out.segment();
    synchronized (threads) {
      Scratch shared = threads.shared();
      float[] moments = shared.floats(BLOCK_MOMENTS, pictures * blocks.count() * groups * MOMENTS);
      threads.forEach(
          pictures * blocks.count(),
          (block, scratch) -> measure(blocks, from, block, moments, scratch));
      Affine affine = Affine.in(shared, pictures * blocks.columns());
      float[] weights = RowPass.widen(weight, shared, WEIGHTS);
      float[] biases = RowPass.widen(bias, shared, BIASES);
      threads.forEach(
          pictures * groups,
          (item, scratch) -> affine.set(blocks, item, moments, weights, biases, eps));
      threads.forEach(
          pictures * blocks.count(),
          (block, scratch) -> {
            float[] values = blocks.load(from, block, scratch);
            int rows = blocks.rowsOf(block);
            affine.apply(values, blocks, block / blocks.count(), rows);
            ActivationSimd.apply(activation, values, 0, rows * blocks.columns());
            blocks.store(values, block, to);
          });
    }
  }

  /**
   * How positions are cut; the blocks of all pictures are numbered through.
   *
   * @param positions of a picture
   * @param channels of a position
   * @param groups of channels
   * @param rows positions of a block; the last one of a picture may have fewer
   */
  private record Blocks(int positions, int channels, int groups, int rows) {
    static Blocks of(int positions, int channels, int groups) {
      int rows = Math.clamp(BLOCK_VALUES / RowPass.padded(channels), 1, positions);
      return new Blocks(positions, channels, groups, rows);
    }

    /** Blocks of a picture. */
    int count() {
      return Math.ceilDiv(positions, rows);
    }

    /** Channels as arrays have them: filled up to whole vectors. */
    int columns() {
      return RowPass.padded(channels);
    }

    /** Channels of a group. */
    int width() {
      return channels / groups;
    }

    int rowsOf(int block) {
      return Math.min(rows, positions - block % count() * rows);
    }

    /** First byte of a block. */
    private long at(int block) {
      long position = (long) (block / count()) * positions + (long) (block % count()) * rows;
      return 4L * position * channels;
    }

    float[] load(MemorySegment from, int block, Scratch scratch) {
      int count = rowsOf(block);
      int columns = columns();
      float[] values = scratch.floats(VALUES, rows * columns);
      long at = at(block);
      if (columns == channels) {
        int all = count * channels;
        MemorySegment.copy(from, ValueLayout.JAVA_FLOAT_UNALIGNED, at, values, 0, all);
        return values;
      }
      for (int row = 0; row < count; row++) {
        long source = at + 4L * row * channels;
        int target = row * columns;
        MemorySegment.copy(
            from, ValueLayout.JAVA_FLOAT_UNALIGNED, source, values, target, channels);
        Arrays.fill(values, target + channels, target + columns, 0);
      }
      return values;
    }

    void store(float[] values, int block, MemorySegment to) {
      int count = rowsOf(block);
      int columns = columns();
      long at = at(block);
      if (columns == channels) {
        int all = count * channels;
        MemorySegment.copy(values, 0, to, ValueLayout.JAVA_FLOAT_UNALIGNED, at, all);
        return;
      }
      for (int row = 0; row < count; row++) {
        long target = at + 4L * row * channels;
        MemorySegment.copy(
            values, row * columns, to, ValueLayout.JAVA_FLOAT_UNALIGNED, target, channels);
      }
    }
  }

  /** The moments of every group in a block. */
  private static void measure(
      Blocks blocks, MemorySegment from, int block, float[] moments, Scratch scratch) {
    float[] values = blocks.load(from, block, scratch);
    int rows = blocks.rowsOf(block);
    int columns = blocks.columns();
    int width = blocks.width();
    float[] origins = scratch.floats(ORIGINS, columns);
    float[] sums = scratch.floats(SUMS, columns);
    float[] squares = scratch.floats(SQUARES, columns);
    sum(values, rows, columns, sums);
    Arrays.fill(origins, 0, columns, 0);
    for (int group = 0; group < blocks.groups(); group++) {
      int first = group * width;
      float origin = (float) (total(sums, first, width) / ((double) rows * width));
      Arrays.fill(origins, first, first + width, origin);
    }
    distances(values, rows, columns, origins, sums, squares);
    for (int group = 0; group < blocks.groups(); group++) {
      int first = group * width;
      int at = (block * blocks.groups() + group) * MOMENTS;
      moments[at] = origins[first];
      moments[at + 1] = (float) total(sums, first, width);
      moments[at + 2] = (float) total(squares, first, width);
    }
  }

  private static double total(float[] values, int first, int count) {
    double sum = 0;
    for (int i = first; i < first + count; i++) {
      sum += values[i];
    }
    return sum;
  }

  /** The sum of each column. */
  private static void sum(float[] values, int rows, int columns, float[] sums) {
    for (int column = 0; column < columns; column += LANES) {
      FloatVector sum = FloatVector.zero(SPECIES);
      for (int row = 0; row < rows; row++) {
        sum = sum.add(FloatVector.fromArray(SPECIES, values, row * columns + column));
      }
      sum.intoArray(sums, column);
    }
  }

  /** The sum of each column's distances from an origin, and of their squares. */
  private static void distances(
      float[] values, int rows, int columns, float[] origins, float[] sums, float[] squares) {
    for (int column = 0; column < columns; column += LANES) {
      FloatVector origin = FloatVector.fromArray(SPECIES, origins, column);
      FloatVector sum = FloatVector.zero(SPECIES);
      FloatVector square = FloatVector.zero(SPECIES);
      for (int row = 0; row < rows; row++) {
        FloatVector distance =
            FloatVector.fromArray(SPECIES, values, row * columns + column).sub(origin);
        sum = sum.add(distance);
        square = distance.fma(distance, square);
      }
      sum.intoArray(sums, column);
      square.intoArray(squares, column);
    }
  }

  /**
   * What becomes of a channel: {@code (x - mean) * factor + summand}. The mean is subtracted first,
   * exactly for values near it; what fp32 does not hold of it is in the summand.
   *
   * @param means one for each channel of each picture
   * @param factors likewise
   * @param summands likewise
   */
  private record Affine(float[] means, float[] factors, float[] summands) {
    static Affine in(Scratch scratch, int count) {
      return new Affine(
          scratch.floats(MEANS, count),
          scratch.floats(FACTORS, count),
          scratch.floats(SUMMANDS, count));
    }

    /** Sets the channels of a group of a picture. */
    void set(
        Blocks blocks, int item, float[] moments, float[] weights, float[] biases, double eps) {
      int picture = item / blocks.groups();
      int group = item % blocks.groups();
      int width = blocks.width();
      double count = (double) blocks.positions() * width;
      double mean = 0;
      for (int i = 0; i < blocks.count(); i++) {
        int block = picture * blocks.count() + i;
        int at = (block * blocks.groups() + group) * MOMENTS;
        double values = (double) blocks.rowsOf(block) * width;
        mean += (moments[at] * values + moments[at + 1]) / count;
      }
      double squares = 0;
      for (int i = 0; i < blocks.count(); i++) {
        int block = picture * blocks.count() + i;
        int at = (block * blocks.groups() + group) * MOMENTS;
        double values = (double) blocks.rowsOf(block) * width;
        // About the mean of all: sum of (x - origin + shift)^2.
        double shift = moments[at] - mean;
        squares += moments[at + 2] + shift * (2 * moments[at + 1] + shift * values);
      }
      double scale = 1 / Math.sqrt(Math.max(0, squares / count) + eps);
      for (int channel = group * width; channel < (group + 1) * width; channel++) {
        int at = picture * blocks.columns() + channel;
        double factor = weights[channel] * scale;
        means[at] = (float) mean;
        factors[at] = (float) factor;
        summands[at] = (float) (biases[channel] - (mean - means[at]) * factor);
      }
    }

    void apply(float[] values, Blocks blocks, int picture, int rows) {
      int columns = blocks.columns();
      for (int column = 0; column < columns; column += LANES) {
        int at = picture * columns + column;
        FloatVector mean = FloatVector.fromArray(SPECIES, means, at);
        FloatVector factor = FloatVector.fromArray(SPECIES, factors, at);
        FloatVector summand = FloatVector.fromArray(SPECIES, summands, at);
        for (int row = 0; row < rows; row++) {
          int value = row * columns + column;
          FloatVector distance = FloatVector.fromArray(SPECIES, values, value).sub(mean);
          distance.fma(factor, summand).intoArray(values, value);
        }
      }
    }
  }
}
