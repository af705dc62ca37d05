package dev.orrery.kernels.attention;

import dev.orrery.kernels.cpu.CpuKernel;
import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.cpu.FloatView;
import dev.orrery.kernels.cpu.Panels;
import dev.orrery.kernels.cpu.Scratch;
import dev.orrery.kernels.cpu.SimdTile;
import dev.orrery.kernels.tensor.Tensor;
import java.util.Arrays;

/**
 * Attention with an online softmax on the Vector API, vectors along the queries: the softmax of
 * COLUMNS queries then needs no sum across a vector.
 *
 * <pre>
 *   k [Tk, H, D] -> panels [H][Tk / ROWS][D][ROWS]            shared, packed once
 *   v [Tk, H, D] -> panels [H][Tk / KEYS][D / ROWS][KEYS][ROWS]  shared, packed once
 *   for every chunk of KEYS keys, for every panel of COLUMNS queries:
 *     scores [key][query] = k . scale q        tiles
 *     scores = exp(scores - running maximum)   {@link OnlineSoftmaxSimd}
 *     out [d][query] = out * correction + v^T . scores   tiles
 * </pre>
 *
 * <p>The sums of an element are taken in an order that depends on Tk and D alone. Attempts and
 * measurements: docs/kernels/Attention.md.
 */
public final class AttentionSimd extends CpuKernel implements Attention {
  private static final int ROWS = SimdTile.ROWS;
  private static final int COLUMNS = SimdTile.COLUMNS;
  private static final int LANES = SimdTile.LANES;

  /** Keys of a chunk, a multiple of ROWS: its scores (192 x 32 floats) take half of a 48 KiB L1. */
  private static final int KEYS = 192;

  /** Most query panels of an item, which read the keys and values of a chunk from L2. */
  private static final int GROUP = 4;

  /** Arrays of {@link CpuThreads#shared}. */
  private static final Scratch.Floats KEY_PANELS = new Scratch.Floats();

  private static final Scratch.Floats VALUE_PANELS = new Scratch.Floats();

  /** Arrays of a thread's own scratch. */
  private static final Scratch.Floats WORK = new Scratch.Floats();

  private static final Scratch.Floats QUERIES = new Scratch.Floats();
  private static final Scratch.Floats SCORES = new Scratch.Floats();
  private static final Scratch.Floats OUTS = new Scratch.Floats();
  private static final Scratch.Floats ROW = new Scratch.Floats();
  private static final Scratch.Floats STATE = new Scratch.Floats();

  public AttentionSimd(CpuThreads threads) {
    super(threads);
  }

  @Override
  public void launch(Tensor q, Tensor k, Tensor v, int sequences, double scale, Tensor out) {
    int queries = q.size(0) / sequences;
    int keys = k.size(0) / sequences;
    for (int i = 0; i < sequences; i++) {
      attend(
          q.slice(i * queries, (i + 1) * queries),
          k.slice(i * keys, (i + 1) * keys),
          v.slice(i * keys, (i + 1) * keys),
          scale,
          out.slice(i * queries, (i + 1) * queries));
    }
  }

  private void attend(Tensor q, Tensor k, Tensor v, double scale, Tensor out) {
    RowTransformSimd none = RowTransformSimd.NONE;
    attend(threads, q, none, k, none, v, none, scale, out, none);
  }

  /**
   * Attention of transformed queries to transformed keys and values; what comes out is transformed
   * as well.
   */
  static void attend(
      CpuThreads threads,
      Tensor q,
      RowTransformSimd ofQueries,
      Tensor k,
      RowTransformSimd ofKeys,
      Tensor v,
      RowTransformSimd ofValues,
      double scale,
      Tensor out,
      RowTransformSimd ofOutputs) {
    Call call =
        new Call(
            new Rows(q, ofQueries),
            new Rows(k, ofKeys),
            new Rows(v, ofValues),
            scale,
            out,
            ofOutputs,
            threads.count());
    synchronized (threads) {
      float[] keys = threads.shared().floats(KEY_PANELS, call.keysLength());
      float[] values = threads.shared().floats(VALUE_PANELS, call.valuesLength());
      threads.forEach(
          call.heads * call.chunks,
          (item, scratch) -> {
            call.packKeys(item / call.chunks, item % call.chunks, keys, scratch);
            call.packValues(item / call.chunks, item % call.chunks, values, scratch);
          });
      threads.forEach(call.items(), (item, scratch) -> call.attend(item, keys, values, scratch));
    }
  }

  /** An operand and what happens to its rows when they are packed. */
  private record Rows(Tensor tensor, FloatView values, RowTransformSimd transform) {
    Rows(Tensor tensor, RowTransformSimd transform) {
      this(tensor, FloatView.of(tensor), transform);
    }

    int size(int axis) {
      return tensor.size(axis);
    }

    /** Reads one head of a row. */
    void read(long row, int head, float[] to, int at) {
      int headDim = size(2);
      values.copy((row * size(1) + head) * headDim, to, at, headDim);
      transform.apply(row, to, at, headDim);
    }
  }

  /** One call: its operands and how it is split. */
  private static final class Call {
    final int heads;
    final int chunks;
    private final Rows q;
    private final Rows k;
    private final Rows v;
    private final Tensor out;
    private final RowTransformSimd ofOutputs;
    private final float scale;
    private final int queries;
    private final int keys;
    private final int headDim;
    private final int rowLength;
    private final int roundedDim;

    /** Tiles that cover the head dim, and the floats of one query panel in each layout. */
    private final int dimTiles;

    private final int queryPanel;
    private final int outPanel;

    /** Distance of key panels: packing one writes LANES values behind it. */
    private final int keyPanel;

    private final int keyPanels;
    private final int valueChunk;
    private final int group;
    private final int groups;

    Call(
        Rows q, Rows k, Rows v, double scale, Tensor out, RowTransformSimd ofOutputs, int threads) {
      this.q = q;
      this.k = k;
      this.v = v;
      this.out = out;
      this.ofOutputs = ofOutputs;
      this.scale = (float) scale;
      queries = q.size(0);
      heads = q.size(1);
      headDim = q.size(2);
      keys = k.size(0);
      rowLength = heads * headDim;
      roundedDim = Math.ceilDiv(headDim, LANES) * LANES;
      dimTiles = Math.ceilDiv(headDim, ROWS);
      queryPanel = roundedDim * COLUMNS + LANES;
      outPanel = dimTiles * ROWS * COLUMNS;
      keyPanel = roundedDim * ROWS + LANES;
      keyPanels = Math.ceilDiv(keys, ROWS);
      chunks = Math.ceilDiv(keys, KEYS);
      valueChunk = dimTiles * KEYS * ROWS;
      int queryPanels = Math.ceilDiv(queries, COLUMNS);
      // Three items a thread, so that a thread that is disturbed delays the others little.
      group = Math.clamp(heads * queryPanels / (3 * threads), 1, GROUP);
      groups = Math.ceilDiv(queryPanels, group);
    }

    int items() {
      return heads * groups;
    }

    int keysLength() {
      return Math.multiplyExact(heads * keyPanels, keyPanel);
    }

    int valuesLength() {
      return Math.multiplyExact(heads * chunks, valueChunk);
    }

    void packKeys(int head, int chunk, float[] to, Scratch scratch) {
      float[] work = scratch.floats(WORK, Panels.workLength(headDim));
      int end = Math.min(keys, (chunk + 1) * KEYS);
      for (int key = chunk * KEYS; key < end; key += ROWS) {
        int at = (head * keyPanels + key / ROWS) * keyPanel;
        Panels.pack(reader(k, head), key, end - key, headDim, to, at, ROWS, work);
      }
    }

    void packValues(int head, int chunk, float[] to, Scratch scratch) {
      float[] row = scratch.floats(ROW, Math.max(dimTiles * ROWS, roundedDim));
      Arrays.fill(row, 0);
      int at = (head * chunks + chunk) * valueChunk;
      int first = chunk * KEYS;
      int end = Math.min(keys, first + KEYS);
      for (int key = first; key < end; key++) {
        v.read(key, head, row, 0);
        for (int tile = 0; tile < dimTiles; tile++) {
          int target = at + (tile * KEYS + key - first) * ROWS;
          System.arraycopy(row, tile * ROWS, to, target, ROWS);
        }
      }
    }

    /** Computes one head for a group of query panels. */
    void attend(int item, float[] keyPanels, float[] valuePanels, Scratch scratch) {
      int head = item / groups;
      int first = item % groups * group * COLUMNS;
      int panels = Math.min(group, Math.ceilDiv(queries - first, COLUMNS));
      float[] packed = packQueries(head, first, panels, scratch);
      float[] scores = scratch.floats(SCORES, KEYS * COLUMNS);
      float[] outs = scratch.floats(OUTS, group * outPanel);
      float[] state = scratch.floats(STATE, group * OnlineSoftmaxSimd.STATE);
      for (int panel = 0; panel < panels; panel++) {
        OnlineSoftmaxSimd.start(state, panel * OnlineSoftmaxSimd.STATE);
      }
      Arrays.fill(outs, 0, panels * outPanel, 0);
      for (int chunk = 0; chunk < chunks; chunk++) {
        int count = Math.min(KEYS, keys - chunk * KEYS);
        for (int panel = 0; panel < panels; panel++) {
          score(keyPanels, head, chunk, count, packed, panel * queryPanel, scores);
          int at = panel * outPanel;
          int stateAt = panel * OnlineSoftmaxSimd.STATE;
          OnlineSoftmaxSimd.advance(scores, count, state, stateAt, outs, at, dimTiles * ROWS);
          int values = (head * chunks + chunk) * valueChunk;
          for (int tile = 0; tile < dimTiles; tile++) {
            int a = values + tile * KEYS * ROWS;
            int c = at + tile * ROWS * COLUMNS;
            SimdTile.run(valuePanels, a, ROWS, scores, 0, COLUMNS, count, outs, c, COLUMNS, true);
          }
        }
      }
      for (int panel = 0; panel < panels; panel++) {
        OnlineSoftmaxSimd.finish(
            state, panel * OnlineSoftmaxSimd.STATE, outs, panel * outPanel, dimTiles * ROWS);
        store(outs, panel * outPanel, head, first + panel * COLUMNS, scratch);
      }
    }

    private float[] packQueries(int head, int first, int panels, Scratch scratch) {
      float[] packed = scratch.floats(QUERIES, group * queryPanel);
      float[] work = scratch.floats(WORK, Panels.workLength(headDim));
      for (int panel = 0; panel < panels; panel++) {
        int row = first + panel * COLUMNS;
        int at = panel * queryPanel;
        Panels.pack(reader(q, head), row, queries - row, headDim, packed, at, COLUMNS, work);
        for (int i = at; i < at + headDim * COLUMNS; i++) {
          packed[i] *= scale;
        }
      }
      return packed;
    }

    private static Panels.RowReader reader(Rows rows, int head) {
      return (row, to, at) -> rows.read(row, head, to, at);
    }

    /** The products of the keys of a chunk with one panel of queries. */
    private void score(
        float[] panels,
        int head,
        int chunk,
        int count,
        float[] queries,
        int queryAt,
        float[] scores) {
      int first = head * keyPanels + chunk * (KEYS / ROWS);
      for (int key = 0; key < count; key += ROWS) {
        int a = (first + key / ROWS) * keyPanel;
        int c = key * COLUMNS;
        SimdTile.run(
            panels, a, ROWS, queries, queryAt, COLUMNS, headDim, scores, c, COLUMNS, false);
      }
    }

    private void store(float[] outs, int at, int head, int first, Scratch scratch) {
      int count = Math.min(COLUMNS, queries - first);
      int column = head * headDim;
      QueryRowsSimd.store(
          outs, at, headDim, ofOutputs, out, first, count, rowLength, column, scratch);
    }
  }
}
