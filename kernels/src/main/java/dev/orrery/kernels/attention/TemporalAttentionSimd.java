package dev.orrery.kernels.attention;

import dev.orrery.kernels.cpu.CpuKernel;
import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.cpu.FloatView;
import dev.orrery.kernels.cpu.Scratch;
import dev.orrery.kernels.cpu.SimdTile;
import dev.orrery.kernels.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Attention over time on the Vector API. A row is a head at a position; rows lie side by side in
 * memory and never meet, so ROWS of them are read from every frame as they lie.
 *
 * <pre>
 *   for every key frame, for every query frame that sees it:
 *     partial sums [row][PARTS] = q * k, vectors along the channels
 *     scores [query][key][row] = scale * sums of their lanes         {@link LaneSumsSimd}
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
  private static final int PARTS = LaneSumsSimd.PARTS;

  /** Rows of a block: the queries of a softmax. */
  private static final int ROWS = SimdTile.COLUMNS;

  /** Value frames that are added at once. */
  private static final int TOGETHER = 16;

  /** Most blocks of an item: what is read of a frame at a time lies in one piece. */
  private static final int ITEM_BLOCKS = 16;

  /** Arrays of a thread's own scratch. */
  private static final Scratch.Floats QUERIES = new Scratch.Floats();

  private static final Scratch.Floats KEYS = new Scratch.Floats();
  private static final Scratch.Floats VALUES = new Scratch.Floats();
  private static final Scratch.Floats PARTIALS = new Scratch.Floats();
  private static final Scratch.Floats SCORES = new Scratch.Floats();
  private static final Scratch.Floats STATE = new Scratch.Floats();
  private static final Scratch.Floats OUTS = new Scratch.Floats();

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
    private final FloatView q;
    private final FloatView k;
    private final FloatView v;
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

    /** Floats of a row in an array: headDim rounded up to PARTS. */
    private final int width;

    /** Distance of the frames in an array: odd in cache lines, so that they fall into all sets. */
    private final int panel;

    Call(
        Tensor q,
        Tensor k,
        Tensor v,
        Visibility visibility,
        double scale,
        Tensor out,
        int threads) {
      this.q = FloatView.of(q);
      this.k = FloatView.of(k);
      this.v = FloatView.of(v);
      this.out = out.segment();
      this.scale = (float) scale;
      frames = q.size(0);
      keyFrames = k.size(0);
      visibleStep = visibility == Visibility.CAUSAL ? 1 : 0;
      visibleFirst = keyFrames - visibleStep * (frames - 1);
      rows = Math.multiplyExact(q.size(1), q.size(2));
      headDim = q.size(3);
      width = Math.ceilDiv(headDim, PARTS) * PARTS;
      panel = ROWS * width + PARTS;
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
        float[] outs = scratch.floats(OUTS, frames * panel);
        score(row, count, scores, scratch);
        for (int frame = 0; frame < frames; frame++) {
          int stateAt = frame * OnlineSoftmaxSimd.STATE;
          OnlineSoftmaxSimd.start(state, stateAt);
          OnlineSoftmaxSimd.advance(
              scores, scoresAt(frame, 0), visible(frame), state, stateAt, outs, 0, 0);
        }
        blend(row, count, scores, outs, scratch);
        for (int frame = 0; frame < frames; frame++) {
          finish(state, frame, row, count, outs);
        }
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

    /** Reads rows of a frame and widens each to {@link #width}. */
    private void read(FloatView from, int frame, int row, int count, float[] to, int at) {
      long first = ((long) frame * rows + row) * headDim;
      if (width == headDim) {
        from.copy(first, to, at, count * headDim);
        return;
      }
      for (int i = 0; i < count; i++) {
        int target = at + i * width;
        from.copy(first + (long) i * headDim, to, target, headDim);
        Arrays.fill(to, target + headDim, target + width, 0);
      }
    }

    /** The scores of all query frames with the key frames that they see. */
    private void score(int row, int count, float[] scores, Scratch scratch) {
      float[] queries = scratch.floats(QUERIES, frames * panel);
      float[] keys = scratch.floats(KEYS, panel);
      float[] partials = scratch.floats(PARTIALS, ROWS * PARTS);
      for (int frame = 0; frame < frames; frame++) {
        read(q, frame, row, count, queries, frame * panel);
      }
      for (int key = 0; key < keyFrames; key++) {
        read(k, key, row, count, keys, 0);
        for (int frame = firstThatSees(key); frame < frames; frame++) {
          multiply(queries, frame * panel, keys, partials);
          LaneSumsSimd.store(partials, ROWS, scale, scores, scoresAt(frame, key));
        }
      }
    }

    /** The partial sums of the products of one query frame with one key frame. */
    private void multiply(float[] queries, int at, float[] keys, float[] partials) {
      Arrays.fill(partials, 0, ROWS * PARTS, 0);
      int channel = 0;
      for (; channel + 4 * PARTS <= width; channel += 4 * PARTS) {
        multiplyFour(queries, at + channel, keys, channel, partials);
      }
      for (; channel < width; channel += PARTS) {
        multiplyOne(queries, at + channel, keys, channel, partials);
      }
    }

    private void multiplyFour(
        float[] queries, int queryAt, float[] keys, int keyAt, float[] partials) {
      for (int lane = 0; lane < PARTS; lane += LANES) {
        for (int row = 0; row < ROWS; row++) {
          int q = queryAt + row * width + lane;
          int k = keyAt + row * width + lane;
          FloatVector sum = load(partials, row * PARTS + lane);
          sum = load(queries, q).fma(load(keys, k), sum);
          sum = load(queries, q + PARTS).fma(load(keys, k + PARTS), sum);
          sum = load(queries, q + 2 * PARTS).fma(load(keys, k + 2 * PARTS), sum);
          sum = load(queries, q + 3 * PARTS).fma(load(keys, k + 3 * PARTS), sum);
          sum.intoArray(partials, row * PARTS + lane);
        }
      }
    }

    private void multiplyOne(
        float[] queries, int queryAt, float[] keys, int keyAt, float[] partials) {
      for (int lane = 0; lane < PARTS; lane += LANES) {
        for (int row = 0; row < ROWS; row++) {
          int at = row * width + lane;
          FloatVector sum = load(partials, row * PARTS + lane);
          sum = load(queries, queryAt + at).fma(load(keys, keyAt + at), sum);
          sum.intoArray(partials, row * PARTS + lane);
        }
      }
    }

    /** Sums the values that the query frames see, weighted. */
    private void blend(int row, int count, float[] weights, float[] outs, Scratch scratch) {
      float[] values = scratch.floats(VALUES, Math.min(TOGETHER, keyFrames) * panel);
      Arrays.fill(outs, 0, frames * panel, 0);
      for (int key = 0; key < keyFrames; key += TOGETHER) {
        int end = Math.min(key + TOGETHER, keyFrames);
        for (int i = key; i < end; i++) {
          read(v, i, row, count, values, (i - key) * panel);
        }
        for (int frame = firstThatSees(key); frame < frames; frame++) {
          int seen = Math.min(end, visible(frame)) - key;
          int at = scoresAt(frame, key);
          for (int i = 0; i < count; i++) {
            blendRow(weights, at + i, values, i * width, seen, outs, frame * panel + i * width);
          }
        }
      }
    }

    private void blendRow(
        float[] weights,
        int weightsAt,
        float[] values,
        int valuesAt,
        int keys,
        float[] outs,
        int outsAt) {
      int channel = 0;
      for (; channel + 4 * LANES <= width; channel += 4 * LANES) {
        blendFour(weights, weightsAt, values, valuesAt + channel, keys, outs, outsAt + channel);
      }
      for (; channel < width; channel += LANES) {
        blendOne(weights, weightsAt, values, valuesAt + channel, keys, outs, outsAt + channel);
      }
    }

    private void blendFour(
        float[] weights, int weightsAt, float[] values, int at, int keys, float[] outs, int to) {
      FloatVector sum0 = load(outs, to);
      FloatVector sum1 = load(outs, to + LANES);
      FloatVector sum2 = load(outs, to + 2 * LANES);
      FloatVector sum3 = load(outs, to + 3 * LANES);
      for (int key = 0; key < keys; key++) {
        FloatVector weight = FloatVector.broadcast(SPECIES, weights[weightsAt + key * ROWS]);
        int value = at + key * panel;
        sum0 = weight.fma(load(values, value), sum0);
        sum1 = weight.fma(load(values, value + LANES), sum1);
        sum2 = weight.fma(load(values, value + 2 * LANES), sum2);
        sum3 = weight.fma(load(values, value + 3 * LANES), sum3);
      }
      sum0.intoArray(outs, to);
      sum1.intoArray(outs, to + LANES);
      sum2.intoArray(outs, to + 2 * LANES);
      sum3.intoArray(outs, to + 3 * LANES);
    }

    private void blendOne(
        float[] weights, int weightsAt, float[] values, int at, int keys, float[] outs, int to) {
      FloatVector sum = load(outs, to);
      for (int key = 0; key < keys; key++) {
        FloatVector weight = FloatVector.broadcast(SPECIES, weights[weightsAt + key * ROWS]);
        sum = weight.fma(load(values, at + key * panel), sum);
      }
      sum.intoArray(outs, to);
    }

    /** Divides the sums of a query frame by those of the weights and stores them. */
    private void finish(float[] state, int frame, int row, int count, float[] outs) {
      int sums = frame * OnlineSoftmaxSimd.STATE + ROWS;
      long to = 4 * ((long) frame * rows + row) * headDim;
      for (int i = 0; i < count; i++) {
        int at = frame * panel + i * width;
        FloatVector factor = FloatVector.broadcast(SPECIES, 1 / state[sums + i]);
        for (int channel = 0; channel < width; channel += LANES) {
          load(outs, at + channel).mul(factor).intoArray(outs, at + channel);
        }
        if (width != headDim) {
          long target = to + 4L * i * headDim;
          MemorySegment.copy(outs, at, out, ValueLayout.JAVA_FLOAT_UNALIGNED, target, headDim);
        }
      }
      if (width == headDim) {
        int all = count * headDim;
        MemorySegment.copy(outs, frame * panel, out, ValueLayout.JAVA_FLOAT_UNALIGNED, to, all);
      }
    }

    private static FloatVector load(float[] from, int at) {
      return FloatVector.fromArray(SPECIES, from, at);
    }
  }
}
