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

/**
 * Attention with an online softmax on the Vector API, vectors along the queries: the softmax of
 * COLUMNS queries then needs no sum across a vector.
 *
 * <pre>
 *   k [B*Tk, H, D] -> panels [B * H][Tk / ROWS][D][ROWS]               packed once
 *   v [B*Tk, H, D] -> panels [B * H][Tk / KEYS][D / ROWS][KEYS][ROWS]  packed once
 *   for every chunk of KEYS keys, for every panel of COLUMNS queries:
 *     scores [key][query] = k . scale q        tiles
 *     scores = exp(scores - running maximum)   {@link OnlineSoftmaxSimd}
 *     out [d][query] = out * correction + v^T . scores   tiles
 * </pre>
 *
 * <p>A pair is a head of a sequence. Where pairs are few or long, all threads pack all of them and
 * then share the panels of queries; where they are many and short, as those of the frames of a
 * video, a thread packs the keys and values of a pair, which stay in its L2, and computes it.
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

  /**
   * Most query panels of an item, 128 queries, which read the keys and values of a chunk from L2.
   */
  private static final int GROUP = 128 / COLUMNS;

  /** Floats of keys and values that a thread packs for itself: half of an L2 of 1 MiB. */
  private static final int OWN_FLOATS = 128 << 10;

  /** Arrays of {@link CpuThreads#shared}, or of the thread's own scratch. */
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
    RowTransformSimd none = RowTransformSimd.NONE;
    attend(threads, sequences, q, none, k, none, v, none, scale, out, none);
  }

  /**
   * Attention of transformed queries to transformed keys and values; what comes out is transformed
   * as well.
   */
  static void attend(
      CpuThreads threads,
      int sequences,
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
            sequences,
            scale,
            out,
            ofOutputs,
            threads.count());
    if (call.fitsThreads(threads.count())) {
      threads.forEach(call.pairs, call::packAndAttend);
      return;
    }
    synchronized (threads) {
      float[] keys = threads.shared().floats(KEY_PANELS, call.keysLength(call.pairs));
      float[] values = threads.shared().floats(VALUE_PANELS, call.valuesLength(call.pairs));
      threads.forEach(
          call.pairs * call.chunks,
          (item, scratch) -> {
            // Heads inside: their rows are neighbours in memory.
            int pair = item % call.pairs;
            call.pack(pair, item / call.pairs, keys, values, pair, scratch);
          });
      threads.forEach(
          call.pairs * call.groups,
          (item, scratch) -> {
            int pair = item / call.groups;
            call.attend(pair, item % call.groups, keys, values, pair, scratch);
          });
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
      transform.apply(row, head, to, at, headDim);
    }
  }

  /** One call: its operands and how it is split. */
  private static final class Call {
    /** Heads of all sequences, those of a sequence side by side. */
    final int pairs;

    final int chunks;
    final int groups;
    private final int heads;
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

    Call(
        Rows q,
        Rows k,
        Rows v,
        int sequences,
        double scale,
        Tensor out,
        RowTransformSimd ofOutputs,
        int threads) {
      this.q = q;
      this.k = k;
      this.v = v;
      this.out = out;
      this.ofOutputs = ofOutputs;
      this.scale = (float) scale;
      queries = q.size(0) / sequences;
      heads = q.size(1);
      headDim = q.size(2);
      keys = k.size(0) / sequences;
      pairs = Math.multiplyExact(sequences, heads);
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
      group = Math.clamp(pairs * queryPanels / (3 * threads), 1, GROUP);
      groups = Math.ceilDiv(queryPanels, group);
    }

    /**
     * Whether a thread takes a pair by itself: there are enough of them for all, and what it packs
     * stays in its cache.
     */
    boolean fitsThreads(int threads) {
      return pairs >= 3 * threads && (long) keysLength(1) + valuesLength(1) <= OWN_FLOATS;
    }

    int keysLength(int pairs) {
      return Math.multiplyExact(Math.multiplyExact(pairs, keyPanels), keyPanel);
    }

    int valuesLength(int pairs) {
      return Math.multiplyExact(Math.multiplyExact(pairs, chunks), valueChunk);
    }

    /** Computes all queries of a pair. */
    void packAndAttend(int pair, Scratch scratch) {
      float[] keys = scratch.floats(KEY_PANELS, keysLength(1));
      float[] values = scratch.floats(VALUE_PANELS, valuesLength(1));
      for (int chunk = 0; chunk < chunks; chunk++) {
        pack(pair, chunk, keys, values, 0, scratch);
      }
      for (int part = 0; part < groups; part++) {
        attend(pair, part, keys, values, 0, scratch);
      }
    }

    /**
     * Packs a chunk of the keys and values of a pair.
     *
     * @param slot which of the places for a pair they get
     */
    void pack(int pair, int chunk, float[] keys, float[] values, int slot, Scratch scratch) {
      packKeys(pair, chunk, keys, slot, scratch);
      packValues(pair, chunk, values, slot, scratch);
    }

    private void packKeys(int pair, int chunk, float[] to, int slot, Scratch scratch) {
      float[] work = scratch.floats(WORK, Panels.workLength(headDim));
      int end = Math.min(keys, (chunk + 1) * KEYS);
      for (int key = chunk * KEYS; key < end; key += ROWS) {
        int at = (slot * keyPanels + key / ROWS) * keyPanel;
        Panels.pack(reader(k, keys, pair), key, end - key, headDim, to, at, ROWS, work);
      }
    }

    private void packValues(int pair, int chunk, float[] to, int slot, Scratch scratch) {
      float[] row = scratch.floats(ROW, Math.max(dimTiles * ROWS, roundedDim) + LANES);
      Arrays.fill(row, 0);
      int at = (slot * chunks + chunk) * valueChunk;
      int first = chunk * KEYS;
      Panels.RowReader reader = reader(v, keys, pair);
      int end = Math.min(keys, first + KEYS);
      for (int key = first; key < end; key++) {
        reader.read(key, row, 0);
        for (int tile = 0; tile < dimTiles; tile++) {
          int target = at + (tile * KEYS + key - first) * ROWS;
          if (key < end - 1) {
            copyTileRow(row, tile * ROWS, to, target);
          } else {
            System.arraycopy(row, tile * ROWS, to, target, ROWS);
          }
        }
      }
    }

    /**
     * Copies ROWS values by whole vectors; what they take too much is for the next row to write.
     */
    private static void copyTileRow(float[] from, int at, float[] to, int toAt) {
      for (int i = 0; i < ROWS; i += LANES) {
        FloatVector.fromArray(SimdTile.SPECIES, from, at + i).intoArray(to, toAt + i);
      }
    }

    /** Computes a pair, whose keys and values are in a slot, for a group of query panels. */
    void attend(
        int pair, int part, float[] keyPanels, float[] valuePanels, int slot, Scratch scratch) {
      int first = part * group * COLUMNS;
      int panels = Math.min(group, Math.ceilDiv(queries - first, COLUMNS));
      float[] packed = packQueries(pair, first, panels, scratch);
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
          score(keyPanels, slot, chunk, count, packed, panel * queryPanel, scores);
          int at = panel * outPanel;
          int stateAt = panel * OnlineSoftmaxSimd.STATE;
          OnlineSoftmaxSimd.advance(scores, 0, count, state, stateAt, outs, at, dimTiles * ROWS);
          int values = (slot * chunks + chunk) * valueChunk;
          for (int tile = 0; tile < dimTiles; tile++) {
            int a = values + tile * KEYS * ROWS;
            int c = at + tile * ROWS * COLUMNS;
            SimdTile.run(valuePanels, a, scores, 0, count, outs, c, COLUMNS, true);
          }
        }
      }
      for (int panel = 0; panel < panels; panel++) {
        OnlineSoftmaxSimd.finish(
            state, panel * OnlineSoftmaxSimd.STATE, outs, panel * outPanel, dimTiles * ROWS);
        store(outs, panel * outPanel, pair, first + panel * COLUMNS, scratch);
      }
    }

    private float[] packQueries(int pair, int first, int panels, Scratch scratch) {
      float[] packed = scratch.floats(QUERIES, group * queryPanel);
      float[] work = scratch.floats(WORK, Panels.workLength(headDim));
      for (int panel = 0; panel < panels; panel++) {
        int row = first + panel * COLUMNS;
        int at = panel * queryPanel;
        Panels.pack(
            reader(q, queries, pair), row, queries - row, headDim, packed, at, COLUMNS, work);
        for (int i = at; i < at + headDim * COLUMNS; i++) {
          packed[i] *= scale;
        }
      }
      return packed;
    }

    /** Reads the rows of a pair, of which a sequence has {@code count}. */
    private Panels.RowReader reader(Rows rows, int count, int pair) {
      long first = (long) (pair / heads) * count;
      int head = pair % heads;
      return (row, to, at) -> rows.read(first + row, head, to, at);
    }

    /** The products of the keys of a chunk with one panel of queries. */
    private void score(
        float[] panels,
        int slot,
        int chunk,
        int count,
        float[] queries,
        int queryAt,
        float[] scores) {
      int first = slot * keyPanels + chunk * (KEYS / ROWS);
      for (int key = 0; key < count; key += ROWS) {
        int a = (first + key / ROWS) * keyPanel;
        int c = key * COLUMNS;
        SimdTile.run(panels, a, queries, queryAt, headDim, scores, c, COLUMNS, false);
      }
    }

    private void store(float[] outs, int at, int pair, int first, Scratch scratch) {
      int count = Math.min(COLUMNS, queries - first);
      long row = (long) (pair / heads) * queries + first;
      int column = pair % heads * headDim;
      QueryRowsSimd.store(
          outs, at, headDim, ofOutputs, out, row, count, rowLength, column, scratch);
    }
  }
}
