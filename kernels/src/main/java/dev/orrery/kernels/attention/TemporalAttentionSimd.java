package dev.orrery.kernels.attention;

import dev.orrery.kernels.cpu.CpuKernel;
import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.cpu.LaneSums;
import dev.orrery.kernels.cpu.Lanes;
import dev.orrery.kernels.cpu.Scratch;
import dev.orrery.kernels.cpu.SimdTile;
import dev.orrery.kernels.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Attention over time on the Vector API. A row is a head at a position; rows lie side by side in
 * memory and never meet, so ROWS of them are read from every frame as they lie.
 *
 * <pre>
 *   for every key frame, for every query frame that sees it:
 *     partial sums [row][PARTS] = q * k, vectors along the channels
 *     scores [query][key][row] = scale * sums of their lanes         {@link LaneSums}
 *   weights [query][key][row] = softmax over the keys, vectors along the rows  {@link OnlineSoftmaxSimd}
 *   out [query][row][channel] = weights * v, vectors along the channels
 * </pre>
 *
 * <p>A score is the sum of PARTS chains of multiply-adds, each over every PARTS-th channel, halves
 * added to each other until one is left; an element of the output one chain in the order of key
 * frames: whatever the width of vectors, the number of query frames and of threads. Attempts and
 * measurements: docs/kernels/TemporalAttention.md.
 */
public final class TemporalAttentionSimd extends CpuKernel implements TemporalAttention {
  private static final VectorSpecies<Float> SPECIES = SimdTile.SPECIES;
  private static final int LANES = SimdTile.LANES;
  private static final long BYTES = 4L * LANES;
  private static final int PARTS = LaneSums.PARTS;

  /** Rows of a block: the queries of a softmax. */
  private static final int ROWS = SimdTile.COLUMNS;

  /** Most blocks of an item: what is read of a frame at a time lies in one piece. */
  private static final int ITEM_BLOCKS = 16;

  /** Arrays of a thread's own scratch. */
  private static final Scratch.Memory QUERIES = new Scratch.Memory();

  private static final Scratch.Memory KEYS = new Scratch.Memory();
  private static final Scratch.Memory VALUES = new Scratch.Memory();
  private static final Scratch.Floats NARROW = new Scratch.Floats();
  private static final Scratch.Floats PARTIALS = new Scratch.Floats();
  private static final Scratch.Floats SCORES = new Scratch.Floats();
  private static final Scratch.Floats STATE = new Scratch.Floats();
  private static final Scratch.Memory OUT = new Scratch.Memory();

  public TemporalAttentionSimd(CpuThreads threads) {
    super(threads);
  }

  @Override
  public void launch(
      Tensor q, Tensor k, Tensor v, Visibility visibility, double scale, Tensor out) {
    Call call = new Call(q, k, v, visibility, scale, out, threads.count());
    threads.forEach(call.items, call::attend);
  }

  /** One call: its operands and sizes. */
  private static final class Call {
    final int items;
    private final int itemBlocks;
    private final FrameRowsSimd q;
    private final FrameRowsSimd k;
    private final FrameRowsSimd v;
    private final MemorySegment out;
    private final float scale;
    private final int frames;
    private final int keyFrames;

    /** Key frames that the first query frame sees, and how many more each later one. */
    private final int visibleFirst;

    private final int visibleStep;

    /** Rows of a frame. */
    private final int rows;

    private final int headDim;

    /** Bytes of a row that is read: headDim rounded up to PARTS. */
    private final long rowBytes;

    Call(
        Tensor q,
        Tensor k,
        Tensor v,
        Visibility visibility,
        double scale,
        Tensor out,
        int threads) {
      this.q = new FrameRowsSimd(q, ROWS, QUERIES, NARROW);
      this.k = new FrameRowsSimd(k, ROWS, KEYS, NARROW);
      this.v = new FrameRowsSimd(v, ROWS, VALUES, NARROW);
      this.out = out.segment();
      this.scale = (float) scale;
      frames = q.size(0);
      keyFrames = k.size(0);
      visibleStep = visibility == Visibility.CAUSAL ? 1 : 0;
      visibleFirst = keyFrames - visibleStep * (frames - 1);
      rows = Math.multiplyExact(q.size(1), q.size(2));
      headDim = q.size(3);
      rowBytes = 4L * Math.ceilDiv(headDim, PARTS) * PARTS;
      int blocks = Math.ceilDiv(rows, ROWS);
      // Three items a thread, so that a thread that is disturbed delays the others little.
      itemBlocks = Math.clamp(blocks / (3 * threads), 1, ITEM_BLOCKS);
      items = Math.ceilDiv(blocks, itemBlocks);
    }

    /** Computes some blocks. */
    void attend(int item, Scratch scratch) {
      int end = Math.min(rows, (item + 1) * itemBlocks * ROWS);
      for (int row = item * itemBlocks * ROWS; row < end; row += ROWS) {
        int count = Math.min(ROWS, end - row);
        float[] scores = scratch.floats(SCORES, frames * keyFrames * ROWS);
        float[] state = scratch.floats(STATE, frames * OnlineSoftmaxSimd.STATE);
        score(row, count, scores, scratch);
        for (int frame = 0; frame < frames; frame++) {
          int stateAt = frame * OnlineSoftmaxSimd.STATE;
          OnlineSoftmaxSimd.start(state, stateAt);
          OnlineSoftmaxSimd.advance(
              scores, scoresAt(frame, 0), visible(frame), state, stateAt, scores, 0, 0);
        }
        blend(row, count, scores, state, scratch);
      }
    }

    private int visible(int frame) {
      return visibleFirst + frame * visibleStep;
    }

    /** The first query frame that sees a key frame. */
    private int firstThatSees(int key) {
      return visibleStep == 0 ? 0 : Math.max(0, key - visibleFirst + 1);
    }

    private int scoresAt(int frame, int key) {
      return (frame * keyFrames + key) * ROWS;
    }

    /** The scores of all query frames with the key frames that they see. */
    private void score(int row, int count, float[] scores, Scratch scratch) {
      float[] partials = scratch.floats(PARTIALS, ROWS * PARTS);
      MemorySegment queries = q.read(row, count, scratch);
      MemorySegment keys = k.read(row, count, scratch);
      for (int key = 0; key < keyFrames; key++) {
        long keyAt = k.at(key, row);
        for (int frame = firstThatSees(key); frame < frames; frame++) {
          long queryAt = q.at(frame, row);
          for (int part = 0; part < PARTS; part += LANES) {
            multiply(queries, queryAt + 4L * part, keys, keyAt + 4L * part, count, partials, part);
          }
          LaneSums.store(partials, ROWS, scale, scores, scoresAt(frame, key));
        }
      }
    }

    /** A vector of the partial sums of each row. */
    private void multiply(
        MemorySegment queries,
        long queryAt,
        MemorySegment keys,
        long keyAt,
        int count,
        float[] partials,
        int part) {
      for (int row = 0; row < count; row++) {
        FloatVector sum = FloatVector.zero(SPECIES);
        long first = row * rowBytes;
        for (int channel = 0; channel < headDim; channel += PARTS) {
          long at = first + 4L * channel;
          sum = Lanes.load(queries, queryAt + at).fma(Lanes.load(keys, keyAt + at), sum);
        }
        sum.intoArray(partials, row * PARTS + part);
      }
    }

    /** Sums the values that the query frames see, weighted, and stores them. */
    private void blend(int row, int count, float[] weights, float[] state, Scratch scratch) {
      MemorySegment values = v.read(row, count, scratch);
      long valuesAt = v.at(0, row);
      long step = v.at(1, row) - valuesAt;
      long outBytes = 4L * headDim;
      boolean whole = rowBytes == outBytes;
      MemorySegment to = whole ? out : scratch.memory(OUT, rowBytes);
      for (int i = 0; i < count; i++) {
        for (int frame = 0; frame < frames; frame++) {
          int at = scoresAt(frame, 0) + i;
          float factor = 1 / state[frame * OnlineSoftmaxSimd.STATE + ROWS + i];
          long target = ((long) frame * rows + row + i) * outBytes;
          long valueAt = valuesAt + i * rowBytes;
          blendRow(
              weights, at, visible(frame), values, valueAt, step, factor, to, whole ? target : 0);
          if (!whole) {
            MemorySegment.copy(to, 0, out, target, outBytes);
          }
        }
      }
    }

    private void blendRow(
        float[] weights,
        int weightsAt,
        int keys,
        MemorySegment values,
        long valuesAt,
        long step,
        float factor,
        MemorySegment to,
        long toAt) {
      long channel = 0;
      for (; channel + 4 * BYTES <= rowBytes; channel += 4 * BYTES) {
        blendFour(
            weights, weightsAt, keys, values, valuesAt + channel, step, factor, to, toAt + channel);
      }
      for (; channel < rowBytes; channel += BYTES) {
        blendOne(
            weights, weightsAt, keys, values, valuesAt + channel, step, factor, to, toAt + channel);
      }
    }

    private static void blendFour(
        float[] weights,
        int weightsAt,
        int keys,
        MemorySegment values,
        long valuesAt,
        long step,
        float factor,
        MemorySegment to,
        long toAt) {
      FloatVector sum0 = FloatVector.zero(SPECIES);
      FloatVector sum1 = FloatVector.zero(SPECIES);
      FloatVector sum2 = FloatVector.zero(SPECIES);
      FloatVector sum3 = FloatVector.zero(SPECIES);
      for (int key = 0; key < keys; key++) {
        FloatVector weight = FloatVector.broadcast(SPECIES, weights[weightsAt + key * ROWS]);
        long at = valuesAt + key * step;
        sum0 = weight.fma(Lanes.load(values, at), sum0);
        sum1 = weight.fma(Lanes.load(values, at + BYTES), sum1);
        sum2 = weight.fma(Lanes.load(values, at + 2 * BYTES), sum2);
        sum3 = weight.fma(Lanes.load(values, at + 3 * BYTES), sum3);
      }
      Lanes.store(sum0.mul(factor), to, toAt);
      Lanes.store(sum1.mul(factor), to, toAt + BYTES);
      Lanes.store(sum2.mul(factor), to, toAt + 2 * BYTES);
      Lanes.store(sum3.mul(factor), to, toAt + 3 * BYTES);
    }

    private static void blendOne(
        float[] weights,
        int weightsAt,
        int keys,
        MemorySegment values,
        long valuesAt,
        long step,
        float factor,
        MemorySegment to,
        long toAt) {
      FloatVector sum = FloatVector.zero(SPECIES);
      for (int key = 0; key < keys; key++) {
        FloatVector weight = FloatVector.broadcast(SPECIES, weights[weightsAt + key * ROWS]);
        sum = weight.fma(Lanes.load(values, valuesAt + key * step), sum);
      }
      Lanes.store(sum.mul(factor), to, toAt);
    }
  }
}
