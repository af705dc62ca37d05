package dev.orrery.kernels.attention;

import dev.orrery.kernels.cpu.CpuKernel;
import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.cpu.FloatView;
import dev.orrery.kernels.cpu.Panels;
import dev.orrery.kernels.cpu.Scratch;
import dev.orrery.kernels.cpu.SimdTile;
import dev.orrery.kernels.tensor.Tensor;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Attention over time on the Vector API, vectors along the positions: COLUMNS positions of some
 * heads are transposed, so that every score, weight and sum is a lane of its own. Key and value
 * frames pass by one after the other, and only the query frames with their scores and sums stay in
 * the cache; the transpositions and the memory take most of the time, the arithmetic little.
 *
 * <p>The sums of an element are taken in the order of channels and of key frames, whatever the
 * number of query frames and of heads that are computed together. Attempts and measurements:
 * docs/kernels/Attention.md.
 */
public final class TemporalAttentionSimd extends CpuKernel implements TemporalAttention {
  private static final VectorSpecies<Float> SPECIES = SimdTile.SPECIES;
  private static final int LANES = SimdTile.LANES;
  private static final int COLUMNS = SimdTile.COLUMNS;

  /** Most channels that are read of a position at once: two positions may be a page apart. */
  private static final int ROW_FLOATS = 256;

  /** Value frames that are added at once. */
  private static final int TOGETHER = 4;

  /** Floats of queries and sums that are kept: a quarter of an L2 of 1 MiB. */
  private static final int KEPT_FLOATS = 64 << 10;

  /** Arrays of a thread's own scratch. */
  private static final Scratch.Floats WORK = new Scratch.Floats();

  private static final Scratch.Floats PANEL = new Scratch.Floats();
  private static final Scratch.Floats VALUES = new Scratch.Floats();
  private static final Scratch.Floats QUERIES = new Scratch.Floats();
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
    threads.forEach(call.groups * call.panels, call::attend);
  }

  /** One call: its operands and sizes. */
  private static final class Call {
    final int panels;
    final int groups;
    private final FloatView q;
    private final FloatView k;
    private final FloatView v;
    private final Tensor out;
    private final float scale;
    private final int frames;
    private final int keyFrames;

    /** Key frames that the first query frame sees, and how many more each later one. */
    private final int visibleFirst;

    private final int visibleStep;
    private final int positions;
    private final int heads;
    private final int headDim;
    private final int rowLength;

    /** Heads of an item, and floats of its panel. */
    private final int group;

    private final int panelLength;

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
      this.out = out;
      this.scale = (float) scale;
      frames = q.size(0);
      keyFrames = k.size(0);
      visibleStep = visibility == Visibility.CAUSAL ? 1 : 0;
      visibleFirst = keyFrames - visibleStep * (frames - 1);
      positions = q.size(1);
      heads = q.size(2);
      headDim = q.size(3);
      rowLength = heads * headDim;
      panels = Math.ceilDiv(positions, COLUMNS);
      int kept = 2 * Math.max(1, frames) * headDim * COLUMNS;
      int most = Math.min(ROW_FLOATS / headDim, KEPT_FLOATS / kept);
      // Three items a thread, so that a thread that is disturbed delays the others little.
      group = Math.clamp(heads * panels / (3 * threads), 1, Math.clamp(most, 1, heads));
      groups = Math.ceilDiv(heads, group);
      panelLength = Math.ceilDiv(group * headDim, LANES) * LANES * COLUMNS + LANES;
    }

    /** Computes a group of heads at COLUMNS positions, heads of the same positions in turn. */
    void attend(int item, Scratch scratch) {
      int position = item / groups * COLUMNS;
      int head = item % groups * group;
      int count = Math.min(group, heads - head);
      float[] work = scratch.floats(WORK, Panels.workLength(group * headDim));
      float[] queries = scratch.floats(QUERIES, frames * panelLength);
      for (int frame = 0; frame < frames; frame++) {
        pack(q, frame, position, head, count, queries, frame * panelLength, work);
      }
      float[] panel = scratch.floats(PANEL, panelLength);
      float[] scores = scratch.floats(SCORES, count * frames * keyFrames * COLUMNS);
      for (int key = 0; key < keyFrames; key++) {
        pack(k, key, position, head, count, panel, 0, work);
        for (int i = 0; i < count; i++) {
          for (int frame = firstThatSees(key); frame < frames; frame++) {
            int query = frame * panelLength + i * headDim * COLUMNS;
            score(queries, query, panel, i * headDim * COLUMNS, scores, scoresAt(i, frame, key));
          }
        }
      }
      float[] values = scratch.floats(VALUES, TOGETHER * panelLength);
      float[] state = scratch.floats(STATE, count * frames * OnlineSoftmaxSimd.STATE);
      float[] outs = scratch.floats(OUTS, count * frames * headDim * COLUMNS);
      Arrays.fill(outs, 0, count * frames * headDim * COLUMNS, 0);
      for (int i = 0; i < count * frames; i++) {
        int stateAt = i * OnlineSoftmaxSimd.STATE;
        int visible = visibleFirst + i % frames * visibleStep;
        OnlineSoftmaxSimd.start(state, stateAt);
        OnlineSoftmaxSimd.advance(
            scores, i * keyFrames * COLUMNS, visible, state, stateAt, outs, 0, 0);
      }
      for (int key = 0; key < keyFrames; key += TOGETHER) {
        int end = Math.min(key + TOGETHER, keyFrames);
        for (int i = key; i < end; i++) {
          pack(v, i, position, head, count, values, (i - key) * panelLength, work);
        }
        for (int i = 0; i < count; i++) {
          for (int frame = firstThatSees(key); frame < frames; frame++) {
            int seen = Math.min(end, visibleFirst + frame * visibleStep) - key;
            int to = (i * frames + frame) * headDim * COLUMNS;
            blend(scores, scoresAt(i, frame, key), values, i * headDim * COLUMNS, seen, outs, to);
          }
        }
      }
      for (int i = 0; i < count * frames; i++) {
        finish(state, i, outs, position, head, scratch);
      }
    }

    /** The first query frame that sees a key frame. */
    private int firstThatSees(int key) {
      return visibleStep == 0 ? 0 : Math.max(0, key - visibleFirst + 1);
    }

    private int scoresAt(int head, int frame, int key) {
      return ((head * frames + frame) * keyFrames + key) * COLUMNS;
    }

    private void pack(
        FloatView from,
        int frame,
        int position,
        int head,
        int count,
        float[] to,
        int at,
        float[] work) {
      long row = (long) frame * positions + position;
      int rows = positions - position;
      int depth = count * headDim;
      Panels.pack(from, row, rows, rowLength, head * headDim, depth, to, at, COLUMNS, work);
    }

    /** Scores of one query frame with one key frame. */
    private void score(
        float[] queries, int queryAt, float[] keys, int keyAt, float[] scores, int scoresAt) {
      FloatVector first = FloatVector.zero(SPECIES);
      FloatVector second = first;
      for (int at = 0; at < headDim * COLUMNS; at += COLUMNS) {
        FloatVector key = FloatVector.fromArray(SPECIES, keys, keyAt + at);
        first = key.fma(FloatVector.fromArray(SPECIES, queries, queryAt + at), first);
        key = FloatVector.fromArray(SPECIES, keys, keyAt + at + LANES);
        second = key.fma(FloatVector.fromArray(SPECIES, queries, queryAt + at + LANES), second);
      }
      first.mul(scale).intoArray(scores, scoresAt);
      second.mul(scale).intoArray(scores, scoresAt + LANES);
    }

    /** Adds the values of up to TOGETHER key frames, weighted. */
    private void blend(
        float[] weights,
        int weightsAt,
        float[] values,
        int valuesAt,
        int keys,
        float[] outs,
        int outsAt) {
      if (keys == TOGETHER) {
        blendFour(weights, weightsAt, values, valuesAt, outs, outsAt);
        blendFour(weights, weightsAt + LANES, values, valuesAt + LANES, outs, outsAt + LANES);
        return;
      }
      for (int key = 0; key < keys; key++) {
        blendOne(
            weights, weightsAt + key * COLUMNS, values, valuesAt + key * panelLength, outs, outsAt);
      }
    }

    /** Four key frames for half of the columns, so that sums are loaded and stored once. */
    private void blendFour(
        float[] weights, int weightsAt, float[] values, int valuesAt, float[] outs, int outsAt) {
      FloatVector w0 = FloatVector.fromArray(SPECIES, weights, weightsAt);
      FloatVector w1 = FloatVector.fromArray(SPECIES, weights, weightsAt + COLUMNS);
      FloatVector w2 = FloatVector.fromArray(SPECIES, weights, weightsAt + 2 * COLUMNS);
      FloatVector w3 = FloatVector.fromArray(SPECIES, weights, weightsAt + 3 * COLUMNS);
      for (int i = 0; i < headDim * COLUMNS; i += COLUMNS) {
        int at = valuesAt + i;
        FloatVector sum = FloatVector.fromArray(SPECIES, outs, outsAt + i);
        sum = w0.fma(FloatVector.fromArray(SPECIES, values, at), sum);
        sum = w1.fma(FloatVector.fromArray(SPECIES, values, at + panelLength), sum);
        sum = w2.fma(FloatVector.fromArray(SPECIES, values, at + 2 * panelLength), sum);
        sum = w3.fma(FloatVector.fromArray(SPECIES, values, at + 3 * panelLength), sum);
        sum.intoArray(outs, outsAt + i);
      }
    }

    private void blendOne(
        float[] weights, int weightsAt, float[] values, int valuesAt, float[] outs, int outsAt) {
      for (int column = 0; column < COLUMNS; column += LANES) {
        FloatVector weight = FloatVector.fromArray(SPECIES, weights, weightsAt + column);
        for (int d = 0; d < headDim; d++) {
          int at = d * COLUMNS + column;
          FloatVector value = FloatVector.fromArray(SPECIES, values, valuesAt + at);
          FloatVector sum = FloatVector.fromArray(SPECIES, outs, outsAt + at);
          weight.fma(value, sum).intoArray(outs, outsAt + at);
        }
      }
    }

    /**
     * Stores the averages of query frame {@code i % frames} of head {@code i / frames} of a group.
     */
    private void finish(
        float[] state, int i, float[] outs, int position, int head, Scratch scratch) {
      int at = i * headDim * COLUMNS;
      OnlineSoftmaxSimd.finish(state, i * OnlineSoftmaxSimd.STATE, outs, at, headDim);
      QueryRowsSimd.store(
          outs,
          at,
          headDim,
          RowTransformSimd.NONE,
          out,
          (long) (i % frames) * positions + position,
          Math.min(COLUMNS, positions - position),
          rowLength,
          (head + i / frames) * headDim,
          scratch);
    }
  }
}
