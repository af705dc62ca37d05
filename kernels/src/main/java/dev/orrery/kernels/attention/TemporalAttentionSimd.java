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
 * Attention over time on the Vector API, vectors along the positions: COLUMNS positions of one head
 * are transposed, so that every score, weight and sum is a lane of its own. Meant for few frames,
 * all of which an item keeps in its cache; the transpositions take most of the time, the arithmetic
 * little.
 */
public final class TemporalAttentionSimd extends CpuKernel implements TemporalAttention {
  private static final VectorSpecies<Float> SPECIES = SimdTile.SPECIES;
  private static final int LANES = SimdTile.LANES;
  private static final int COLUMNS = SimdTile.COLUMNS;

  /** Arrays of a thread's own scratch. */
  private static final Scratch.Floats WORK = new Scratch.Floats();

  private static final Scratch.Floats KEYS = new Scratch.Floats();
  private static final Scratch.Floats VALUES = new Scratch.Floats();
  private static final Scratch.Floats QUERY = new Scratch.Floats();
  private static final Scratch.Floats SCORES = new Scratch.Floats();
  private static final Scratch.Floats STATE = new Scratch.Floats();
  private static final Scratch.Floats OUTS = new Scratch.Floats();

  public TemporalAttentionSimd(CpuThreads threads) {
    super(threads);
  }

  @Override
  public void launch(
      Tensor q, Tensor k, Tensor v, Visibility visibility, double scale, Tensor out) {
    Call call = new Call(q, k, v, visibility, scale, out);
    threads.forEach(call.heads * call.panels, call::attend);
  }

  /** One call: its operands and sizes. */
  private static final class Call {
    final int heads;
    final int panels;
    private final FloatView q;
    private final FloatView k;
    private final FloatView v;
    private final Tensor out;
    private final float scale;
    private final int frames;
    private final int keyFrames;
    private final int positions;
    private final int headDim;
    private final int rowLength;
    private final int panelLength;

    /** Key frames that a query frame sees: those of frame 0, and how many more each later one. */
    private final int visibleFirst;

    private final int visibleStep;

    Call(Tensor q, Tensor k, Tensor v, Visibility visibility, double scale, Tensor out) {
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
      panelLength = Math.ceilDiv(headDim, LANES) * LANES * COLUMNS + LANES;
    }

    /** Computes one head at COLUMNS positions, heads of the same positions one after the other. */
    void attend(int item, Scratch scratch) {
      int head = item % heads;
      int position = item / heads * COLUMNS;
      float[] work = scratch.floats(WORK, Panels.workLength(headDim));
      float[] keys = scratch.floats(KEYS, keyFrames * panelLength);
      float[] values = scratch.floats(VALUES, keyFrames * panelLength);
      for (int frame = 0; frame < keyFrames; frame++) {
        pack(k, frame, position, head, keys, frame * panelLength, work);
        pack(v, frame, position, head, values, frame * panelLength, work);
      }
      float[] query = scratch.floats(QUERY, panelLength);
      float[] scores = scratch.floats(SCORES, keyFrames * COLUMNS);
      float[] state = scratch.floats(STATE, OnlineSoftmaxSimd.STATE);
      float[] outs = scratch.floats(OUTS, headDim * COLUMNS);
      int count = Math.min(COLUMNS, positions - position);
      for (int frame = 0; frame < frames; frame++) {
        pack(q, frame, position, head, query, 0, work);
        int visible = visibleFirst + frame * visibleStep;
        score(query, keys, visible, scores);
        OnlineSoftmaxSimd.start(state, 0);
        Arrays.fill(outs, 0, headDim * COLUMNS, 0);
        OnlineSoftmaxSimd.advance(scores, visible, state, 0, outs, 0, 0);
        blend(scores, values, visible, outs);
        OnlineSoftmaxSimd.finish(state, 0, outs, 0, headDim);
        long first = (long) frame * positions + position;
        QueryRowsSimd.store(
            outs,
            0,
            headDim,
            RowTransformSimd.NONE,
            out,
            first,
            count,
            rowLength,
            head * headDim,
            scratch);
      }
    }

    private void pack(
        FloatView from, int frame, int position, int head, float[] to, int at, float[] work) {
      long row = (long) frame * positions + position;
      int rows = positions - position;
      Panels.pack(from, row, rows, rowLength, head * headDim, headDim, to, at, COLUMNS, work);
    }

    /** Scores of one query frame with the key frames that it sees. */
    private void score(float[] query, float[] keys, int visible, float[] scores) {
      for (int frame = 0; frame < visible; frame++) {
        for (int column = 0; column < COLUMNS; column += LANES) {
          FloatVector sum = FloatVector.zero(SPECIES);
          for (int d = 0; d < headDim; d++) {
            int at = d * COLUMNS + column;
            FloatVector key = FloatVector.fromArray(SPECIES, keys, frame * panelLength + at);
            sum = key.fma(FloatVector.fromArray(SPECIES, query, at), sum);
          }
          sum.mul(scale).intoArray(scores, frame * COLUMNS + column);
        }
      }
    }

    /** Sums of the values of the frames that are seen, weighted. */
    private void blend(float[] weights, float[] values, int visible, float[] outs) {
      for (int frame = 0; frame < visible; frame++) {
        for (int column = 0; column < COLUMNS; column += LANES) {
          FloatVector weight = FloatVector.fromArray(SPECIES, weights, frame * COLUMNS + column);
          for (int d = 0; d < headDim; d++) {
            int at = d * COLUMNS + column;
            FloatVector value = FloatVector.fromArray(SPECIES, values, frame * panelLength + at);
            FloatVector sum = FloatVector.fromArray(SPECIES, outs, at);
            weight.fma(value, sum).intoArray(outs, at);
          }
        }
      }
    }
  }
}
