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
 * Attention with a bias on the Vector API, vectors along the queries: COLUMNS queries of one head
 * are transposed, so that every score, weight and sum is a lane of its own. Keys and values come in
 * chunks that an item keeps in its cache. Meant for prompts of up to some hundred tokens, where the
 * linear layers beside it take nearly all of the time.
 */
public final class BiasedAttentionSimd extends CpuKernel implements BiasedAttention {
  private static final VectorSpecies<Float> SPECIES = SimdTile.SPECIES;
  private static final int LANES = SimdTile.LANES;
  private static final int COLUMNS = SimdTile.COLUMNS;

  /** Keys of a chunk: with a head dim of 64, its keys and values take 32 kB. */
  private static final int CHUNK = 64;

  /**
   * The bias of an excluded key: its score is below every other one, and finite, so that a chunk
   * without any key has a maximum too. What such a chunk added is scaled by zero once a key is met.
   */
  private static final float EXCLUDED = -3e38f;

  /** Arrays of a thread's own scratch. */
  private static final Scratch.Floats WORK = new Scratch.Floats();

  private static final Scratch.Floats ROWS = new Scratch.Floats();
  private static final Scratch.Floats BIASES = new Scratch.Floats();
  private static final Scratch.Floats QUERY = new Scratch.Floats();
  private static final Scratch.Floats SCORES = new Scratch.Floats();
  private static final Scratch.Floats STATE = new Scratch.Floats();
  private static final Scratch.Floats OUTS = new Scratch.Floats();

  public BiasedAttentionSimd(CpuThreads threads) {
    super(threads);
  }

  @Override
  public void launch(Tensor q, Tensor k, Tensor v, Tensor bias, double scale, Tensor out) {
    Call call = new Call(q, k, v, bias, scale, out);
    threads.forEach(call.heads * call.panels, call::attend);
  }

  /** One call: its operands and sizes. */
  private static final class Call {
    final int heads;
    final int panels;
    private final FloatView q;
    private final FloatView k;
    private final FloatView v;
    private final FloatView bias;
    private final Tensor out;
    private final float scale;
    private final int queries;
    private final int keys;
    private final int headDim;
    private final int rowLength;
    private final int keyRowLength;
    private final int queriesOfKey;

    Call(Tensor q, Tensor k, Tensor v, Tensor bias, double scale, Tensor out) {
      this.q = FloatView.of(q);
      this.k = FloatView.of(k);
      this.v = FloatView.of(v);
      this.bias = FloatView.of(bias);
      this.out = out;
      this.scale = (float) scale;
      queries = q.size(0);
      keys = k.size(0);
      heads = q.size(1);
      headDim = q.size(2);
      rowLength = heads * headDim;
      keyRowLength = k.size(1) * headDim;
      queriesOfKey = heads / k.size(1);
      panels = Math.ceilDiv(queries, COLUMNS);
    }

    /** Computes COLUMNS queries of one head, panels of the same head one after the other. */
    void attend(int item, Scratch scratch) {
      int head = item / panels;
      int first = item % panels * COLUMNS;
      int column = head * headDim;
      int keyColumn = head / queriesOfKey * headDim;
      float[] work = scratch.floats(WORK, Panels.workLength(headDim));
      int panelLength = Math.ceilDiv(headDim, LANES) * LANES * COLUMNS + LANES;
      float[] query = scratch.floats(QUERY, panelLength);
      Panels.pack(q, first, queries - first, rowLength, column, headDim, query, 0, COLUMNS, work);
      float[] rows = scratch.floats(ROWS, CHUNK * headDim);
      float[] scores = scratch.floats(SCORES, CHUNK * COLUMNS);
      float[] state = scratch.floats(STATE, OnlineSoftmaxSimd.STATE);
      float[] outs = scratch.floats(OUTS, headDim * COLUMNS);
      float[] biases = scratch.floats(BIASES, queries + keys - 1);
      bias.copy((long) head * (queries + keys - 1), biases, 0, queries + keys - 1);
      for (int i = 0; i < queries + keys - 1; i++) {
        biases[i] = Math.max(biases[i], EXCLUDED);
      }
      OnlineSoftmaxSimd.start(state, 0);
      Arrays.fill(outs, 0, headDim * COLUMNS, 0);
      for (int from = 0; from < keys; from += CHUNK) {
        int count = Math.min(CHUNK, keys - from);
        load(k, from, count, keyColumn, rows);
        score(query, rows, count, scores);
        addBias(biases, first, from, count, scores);
        OnlineSoftmaxSimd.advance(scores, 0, count, state, 0, outs, 0, headDim);
        load(v, from, count, keyColumn, rows);
        blend(scores, rows, count, outs);
      }
      OnlineSoftmaxSimd.finish(state, 0, outs, 0, headDim);
      int stored = Math.min(COLUMNS, queries - first);
      QueryRowsSimd.store(
          outs, 0, headDim, RowTransformSimd.NONE, out, first, stored, rowLength, column, scratch);
    }

    /** One head of consecutive keys or values, {@code [count][headDim]}. */
    private void load(FloatView from, int row, int count, int column, float[] rows) {
      for (int i = 0; i < count; i++) {
        from.copy((long) (row + i) * keyRowLength + column, rows, i * headDim, headDim);
      }
    }

    /** Scores of the queries with the keys of a chunk. */
    private void score(float[] query, float[] rows, int count, float[] scores) {
      for (int j = 0; j < count; j++) {
        for (int lane = 0; lane < COLUMNS; lane += LANES) {
          FloatVector sum = FloatVector.zero(SPECIES);
          for (int d = 0; d < headDim; d++) {
            FloatVector value = FloatVector.fromArray(SPECIES, query, d * COLUMNS + lane);
            sum = value.fma(FloatVector.broadcast(SPECIES, rows[j * headDim + d]), sum);
          }
          sum.mul(scale).intoArray(scores, j * COLUMNS + lane);
        }
      }
    }

    /** Adds the biases; the columns of a panel that have no query keep their scores. */
    private void addBias(float[] biases, int first, int from, int count, float[] scores) {
      int present = Math.min(COLUMNS, queries - first);
      for (int j = 0; j < count; j++) {
        int nearest = from + j - first + queries - 1;
        for (int i = 0; i < present; i++) {
          scores[j * COLUMNS + i] += biases[nearest - i];
        }
      }
    }

    /** Adds the values of a chunk, weighted. */
    private void blend(float[] weights, float[] rows, int count, float[] outs) {
      for (int d = 0; d < headDim; d++) {
        for (int lane = 0; lane < COLUMNS; lane += LANES) {
          FloatVector sum = FloatVector.fromArray(SPECIES, outs, d * COLUMNS + lane);
          for (int j = 0; j < count; j++) {
            FloatVector weight = FloatVector.fromArray(SPECIES, weights, j * COLUMNS + lane);
            sum = weight.fma(FloatVector.broadcast(SPECIES, rows[j * headDim + d]), sum);
          }
          sum.intoArray(outs, d * COLUMNS + lane);
        }
      }
    }
  }
}
