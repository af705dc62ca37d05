package dev.orrery.kernels.linear;

import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.cpu.FewRowsTile;
import dev.orrery.kernels.cpu.FloatView;
import dev.orrery.kernels.cpu.Lanes;
import dev.orrery.kernels.cpu.Panels;
import dev.orrery.kernels.cpu.Scratch;
import dev.orrery.kernels.cpu.SimdTile;
import dev.orrery.kernels.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/**
 * One call of a blocked matrix product on the Vector API, vectors along the output columns.
 *
 * <p>K is walked in blocks of {@link MatmulOperandSimd#blockDepth}. In a block, x is packed once
 * for all threads; then every item packs a chunk of weight columns into its own L2 and multiplies
 * it with the panels of x, tile by tile:
 *
 * <pre>
 *   x [M, K]                 -> panels [M / ROWS][DEPTH][ROWS]      shared, read through L2
 *   weight [N, K]            -> panels [COLUMNS..][DEPTH][COLUMNS]  own, stays in L2
 *   tile [ROWS][COLUMNS]     -> scaled, added to out; bias and activation after the last block, or
 *                                             bias, gate and residual, block by block
 * </pre>
 *
 * <p>The sum of an element is one chain of fused multiply-adds for each block, and the blocks are
 * added in order: it depends on K alone. Attempts and measurements: docs/kernels/Matmul.md.
 */
public final class PackedMatmulSimd {
  private static final VectorSpecies<Float> SPECIES = SimdTile.SPECIES;
  private static final int ROWS = SimdTile.ROWS;
  private static final int COLUMNS = SimdTile.COLUMNS;
  private static final int LANES = SimdTile.LANES;

  /**
   * Usual depth of a block. The output is read and written once for each block, and each time a
   * tile waits for its rows, which lie far apart: so fewer blocks are better. A panel of x, 12 x
   * 1536 floats, exceeds an L1, but comes from L2 faster than it is used.
   */
  static final int DEPTH = 1536;

  /**
   * Most weight panels of an item: with vectors of 512 bits 128 columns x 1536 deep are 768 KiB of
   * an L2 of a MiB or more, with 256 bits 384 of 512 KiB. A panel of x comes from L3 once for all
   * of them, so that fewer would wait for L3 more often.
   */
  private static final int CHUNK = 4;

  /** Fewest row panels worth an item of their own, which must pack its weights again. */
  private static final int FEWEST_ROW_PANELS = 8;

  /** Arrays of {@link CpuThreads#shared}. */
  private static final Scratch.Floats X_PANELS = new Scratch.Floats();

  /** Arrays of a thread's own scratch. */
  private static final Scratch.Floats WEIGHT_PANELS = new Scratch.Floats();

  private static final Scratch.Floats PACK_WORK = new Scratch.Floats();
  private static final Scratch.Floats TILE = new Scratch.Floats();
  private static final Scratch.Floats BIAS = new Scratch.Floats();
  private static final Scratch.Floats GATE = new Scratch.Floats();
  private static final Scratch.Floats SCALE = new Scratch.Floats();

  private final int rows;
  private final int depth;
  private final int columns;
  private final int blockDepth;
  private final int panelDepth;
  private final int rowPanels;
  private final int columnPanels;
  private final int chunk;
  private final int chunks;
  private final int rowGroup;
  private final MatmulOperandSimd x;
  private final MatmulOperandSimd weight;
  private final FloatView bias;
  private final Activation activation;
  private final FloatView gate;
  private final int rowsPerFrame;
  private final boolean addsToOut;
  private final MemorySegment out;

  /**
   * A product whose sums go to {@code epilogue}.
   *
   * @param x {@code [M, K]}
   * @param weight {@code [N, K]}
   * @param bias {@code [N]} or null
   * @param threads threads that will compute it
   */
  public PackedMatmulSimd(
      MatmulOperandSimd x, MatmulOperandSimd weight, Tensor bias, Epilogue epilogue, int threads) {
    this.rows = x.rows();
    this.depth = x.depth();
    this.columns = weight.rows();
    this.x = x;
    this.weight = weight;
    this.bias = bias == null ? null : FloatView.of(bias);
    this.out = epilogue.target().segment();
    switch (epilogue) {
      case Epilogue.Store store -> {
        activation = store.activation();
        addsToOut = false;
        gate = null;
        rowsPerFrame = 1;
      }
      case Epilogue.AddTo addTo -> {
        activation = Activation.NONE;
        addsToOut = true;
        gate = addTo.gate() == null ? null : FloatView.of(addTo.gate());
        rowsPerFrame = MatmulResidual.rowsPerFrame(addTo.residual(), addTo.gate());
      }
    }
    blockDepth = Math.min(x.blockDepth(), weight.blockDepth());
    panelDepth = Math.min(blockDepth, Math.ceilDiv(depth, LANES) * LANES);
    rowPanels = Math.ceilDiv(rows, ROWS);
    columnPanels = Math.ceilDiv(columns, COLUMNS);
    // Two items a thread, so that a thread that is disturbed delays the others little.
    int wanted = 2 * threads;
    chunk = Math.min(CHUNK, Math.ceilDiv(columnPanels, wanted));
    chunks = Math.ceilDiv(columnPanels, chunk);
    int groups = Math.clamp(rowPanels / FEWEST_ROW_PANELS, 1, Math.ceilDiv(wanted, chunks));
    rowGroup = Math.max(1, Math.ceilDiv(rowPanels, groups));
  }

  /** Computes the product with all threads. */
  public void run(CpuThreads threads) {
    synchronized (threads) {
      float[] panels = threads.shared().floats(X_PANELS, Math.multiplyExact(rowPanels, xPanel()));
      for (int k = 0; k < depth; k += blockDepth) {
        int block = k;
        threads.forEach(rowPanels, (panel, scratch) -> packX(panel, block, panels, scratch));
        threads.forEach(items(), (item, scratch) -> multiply(item, block, panels, scratch));
      }
    }
  }

  /** Distance of the panels of x: packing one writes LANES values behind it. */
  private int xPanel() {
    return ROWS * panelDepth + LANES;
  }

  private int items() {
    return chunks * Math.ceilDiv(rowPanels, rowGroup);
  }

  /** Packs the columns of x that belong to the block at {@code k}. */
  private void packX(int panel, int k, float[] panels, Scratch scratch) {
    int row = panel * ROWS;
    int block = Math.min(blockDepth, depth - k);
    float[] work = scratch.floats(PACK_WORK, Panels.workLength(panelDepth));
    int at = panel * xPanel();
    pack(x, row, rows - row, k, block, panels, at, ROWS, work);
  }

  /** Adds the block at {@code k} to a chunk of columns of a group of rows. */
  private void multiply(int item, int k, float[] xPanels, Scratch scratch) {
    int firstColumn = item % chunks * chunk * COLUMNS;
    int width = Math.min(columns - firstColumn, chunk * COLUMNS);
    int block = Math.min(blockDepth, depth - k);
    if (rows <= FewRowsTile.ROWS) {
      multiplyFewRows(firstColumn, width, k, block, xPanels, scratch);
      return;
    }
    float[] weights = packWeights(firstColumn, width, k, block, scratch);
    float[] tile = scratch.floats(TILE, ROWS * COLUMNS);
    float[] biases = k + block == depth ? biases(firstColumn, width, scratch) : null;
    int firstPanel = item / chunks * rowGroup;
    int endPanel = Math.min(rowPanels, firstPanel + rowGroup);
    for (int panel = firstPanel; panel < endPanel; panel++) {
      int a = panel * xPanel();
      for (int n = 0; n < width; n += COLUMNS) {
        int b = Panels.START + n * panelDepth;
        SimdTile.run(xPanels, a, weights, b, block, tile, 0, COLUMNS, false);
        store(tile, panel * ROWS, firstColumn + n, k == 0, biases, n, scratch);
      }
    }
  }

  /** As {@link #multiply} for a single panel of x, of few rows. */
  private void multiplyFewRows(
      int firstColumn, int width, int k, int block, float[] xPanel, Scratch scratch) {
    float[] work = scratch.floats(PACK_WORK, Panels.workLength(panelDepth));
    float[] tile = scratch.floats(TILE, ROWS * COLUMNS);
    float[] biases = k + block == depth ? biases(firstColumn, width, scratch) : null;
    for (int n = 0; n < width; n += COLUMNS) {
      Arrays.fill(tile, 0, FewRowsTile.ROWS * COLUMNS, 0);
      for (int at = 0; at < block; at += FewRowsTile.DEPTH) {
        int from = k + at;
        int count = Math.min(FewRowsTile.DEPTH, block - at);
        Panels.RowReader reader = (row, to, toAt) -> weight.read(row, from, count, to, toAt);
        for (int half = 0; half < COLUMNS; half += LANES) {
          int column = n + half;
          int left = width - column;
          FewRowsTile.run(
              xPanel,
              at * ROWS,
              reader,
              firstColumn + column,
              left,
              count,
              tile,
              half,
              COLUMNS,
              work);
        }
      }
      store(tile, 0, firstColumn + n, k == 0, biases, n, scratch);
    }
  }

  /** Packs a chunk of weights, panel after panel from {@link Panels#START} on. */
  private float[] packWeights(int firstColumn, int width, int k, int block, Scratch scratch) {
    float[] panels =
        scratch.floats(WEIGHT_PANELS, Panels.arrayLength(chunk * COLUMNS * panelDepth + LANES));
    float[] work = scratch.floats(PACK_WORK, Panels.workLength(panelDepth));
    for (int n = 0; n < width; n += COLUMNS) {
      int at = Panels.START + n * panelDepth;
      pack(weight, firstColumn + n, width - n, k, block, panels, at, COLUMNS, work);
    }
    return panels;
  }

  /** Packs the elements of up to {@code width} rows that belong to the block at {@code k}. */
  private static void pack(
      MatmulOperandSimd matrix,
      int row,
      int rows,
      int k,
      int block,
      float[] panels,
      int at,
      int width,
      float[] work) {
    Panels.RowReader reader = (from, to, toAt) -> matrix.read(from, k, block, to, toAt);
    Panels.pack(reader, row, rows, block, panels, at, width, work);
  }

  /** The biases of a chunk, or zeros. */
  private float[] biases(int firstColumn, int width, Scratch scratch) {
    float[] biases = scratch.floats(BIAS, chunk * COLUMNS);
    if (bias == null) {
      Arrays.fill(biases, 0);
    } else {
      bias.copy(firstColumn, biases, 0, width);
    }
    return biases;
  }

  /**
   * Adds a tile to the output.
   *
   * @param first whether the output holds nothing yet
   * @param biases biases of the columns from {@code biasAt} on if this is the last block, else null
   */
  private void store(
      float[] tile,
      int row,
      int column,
      boolean first,
      float[] biases,
      int biasAt,
      Scratch scratch) {
    int endRow = Math.min(ROWS, rows - row);
    if (x.scales() != null || weight.scales() != null) {
      multiplyByScales(tile, row, column, endRow, scratch);
    }
    boolean sumsOnly = !addsToOut && (biases == null || activation == Activation.NONE);
    if (sumsOnly && column + COLUMNS <= columns) {
      storeSums(tile, row, column, endRow, first, biases, biasAt);
      return;
    }
    if (!first && !addsToOut) {
      addOut(tile, row, column, endRow);
    }
    if (biases != null) {
      for (int i = 0; i < endRow * COLUMNS; i += LANES) {
        FloatVector bias = FloatVector.fromArray(SPECIES, biases, biasAt + i % COLUMNS);
        FloatVector.fromArray(SPECIES, tile, i).add(bias).intoArray(tile, i);
      }
      ActivationSimd.apply(activation, tile, 0, endRow * COLUMNS);
    }
    if (addsToOut) {
      if (gate != null) {
        multiplyByGate(tile, row, column, endRow, scratch);
      }
      addOut(tile, row, column, endRow);
    }
    int count = Math.min(COLUMNS, columns - column);
    for (int r = 0; r < endRow; r++) {
      long at = 4 * ((long) (row + r) * columns + column);
      MemorySegment.copy(tile, r * COLUMNS, out, ValueLayout.JAVA_FLOAT_UNALIGNED, at, count);
    }
  }

  /** As {@link #store} of a whole tile that takes no activation, in one pass. */
  private void storeSums(
      float[] tile, int row, int column, int endRow, boolean first, float[] biases, int biasAt) {
    long at = 4 * ((long) row * columns + column);
    for (int i = 0; i < endRow * COLUMNS; i += COLUMNS) {
      FloatVector p = FloatVector.fromArray(SPECIES, tile, i);
      FloatVector q = FloatVector.fromArray(SPECIES, tile, i + LANES);
      if (!first) {
        p = p.add(Lanes.load(out, at));
        q = q.add(Lanes.load(out, at + 4 * LANES));
      }
      if (biases != null) {
        p = p.add(FloatVector.fromArray(SPECIES, biases, biasAt));
        q = q.add(FloatVector.fromArray(SPECIES, biases, biasAt + LANES));
      }
      Lanes.store(p, out, at);
      Lanes.store(q, out, at + 4 * LANES);
      at += 4L * columns;
    }
  }

  /** Multiplies a tile by the scales of its rows of x, then by those of its weights. */
  private void multiplyByScales(float[] tile, int row, int column, int endRow, Scratch scratch) {
    float[] scales = scratch.floats(SCALE, COLUMNS);
    if (weight.scales() == null) {
      Arrays.fill(scales, 1);
    } else {
      weight.scales().copy(column, scales, 0, Math.min(COLUMNS, columns - column));
    }
    for (int r = 0; r < endRow; r++) {
      float scale = x.scales() == null ? 1 : x.scales().get(row + r);
      for (int j = 0; j < COLUMNS; j += LANES) {
        int i = r * COLUMNS + j;
        FloatVector factors = FloatVector.fromArray(SPECIES, scales, j);
        FloatVector.fromArray(SPECIES, tile, i).mul(scale).mul(factors).intoArray(tile, i);
      }
    }
  }

  /** Adds what the output holds, the blocks so far or the residual, to a tile. */
  private void addOut(float[] tile, int row, int column, int endRow) {
    for (int r = 0; r < endRow; r++) {
      addOutRow(tile, r * COLUMNS, row + r, column);
    }
  }

  private void multiplyByGate(float[] tile, int row, int column, int endRow, Scratch scratch) {
    float[] gates = scratch.floats(GATE, COLUMNS);
    int width = Math.min(COLUMNS, columns - column);
    for (int r = 0; r < endRow; r++) {
      gate.copy((long) ((row + r) / rowsPerFrame) * columns + column, gates, 0, width);
      for (int j = 0; j < COLUMNS; j += LANES) {
        int i = r * COLUMNS + j;
        FloatVector factors = FloatVector.fromArray(SPECIES, gates, j);
        FloatVector.fromArray(SPECIES, tile, i).mul(factors).intoArray(tile, i);
      }
    }
  }

  private void addOutRow(float[] tile, int at, int row, int column) {
    for (int j = 0; j < COLUMNS && column + j < columns; j += LANES) {
      FloatVector sum = FloatVector.fromArray(SPECIES, tile, at + j);
      long from = 4 * ((long) row * columns + column + j);
      if (column + j + LANES <= columns) {
        sum = sum.add(Lanes.load(out, from));
      } else {
        sum = sum.add(load(from, SPECIES.indexInRange(column + j, columns)));
      }
      sum.intoArray(tile, at + j);
    }
  }

  private FloatVector load(long at, VectorMask<Float> present) {
    return FloatVector.fromMemorySegment(SPECIES, out, at, ByteOrder.nativeOrder(), present);
  }
}
