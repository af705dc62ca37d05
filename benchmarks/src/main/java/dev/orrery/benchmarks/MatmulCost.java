package dev.orrery.benchmarks;

import static dev.orrery.benchmarks.HopperRates.L2_BYTES;
import static dev.orrery.benchmarks.HopperRates.MMA_SYNC_SHARE;
import static dev.orrery.benchmarks.HopperRates.MULTIPROCESSORS;
import static dev.orrery.benchmarks.HopperRates.SHARED_BYTES;
import static dev.orrery.benchmarks.HopperRates.TENSOR_OPERATIONS;

import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.linear.MatmulHopperPlan;
import dev.orrery.kernels.linear.MatmulHopperTile;
import dev.orrery.kernels.linear.MatmulHopperTile.Work;
import dev.orrery.kernels.linear.MatmulTile;
import dev.orrery.kernels.linear.quantized.MatmulFp8Cuda;
import dev.orrery.kernels.tensor.DType;
import java.util.EnumSet;
import java.util.Set;

/** The cost of products of matrices on an H200: {@code matmul_hopper.cuh, matmul_tile.cuh}. */
final class MatmulCost {
  private static final String HOPPER = "matmul_hopper.cuh";
  private static final String EPILOGUE = "matmul_epilogue.cuh";
  private static final String INT4 = "MatmulInt4";

  /**
   * Seconds that blocks of a cluster wait for each other, when a launch begins and when it ends.
   */
  private static final double WAITING_FOR_PAIRS =
      2 * 2 * HopperRates.NEIGHBOUR_LATENCY / HopperRates.CLOCK;

  private final CudaSources sources;
  private final KernelResources resources;
  private final Hopper hopper;

  MatmulCost(CudaSources sources, KernelResources resources, Hopper hopper) {
    this.sources = sources;
    this.resources = resources;
    this.hopper = hopper;
  }

  /**
   * What is assumed of products by wgmma.
   *
   * @param tensorShare of the peak that tensor cores sustain
   * @param pairs whether there are clusters of two blocks where launchers make them
   */
  record Hopper(double tensorShare, boolean pairs) {
    /** What the sources do. Power is left for the peak, for L2 holds the products up. */
    static final Hopper AS_BUILT = new Hopper(1, true);
  }

  /**
   * Products {@code out [rows, columns] = x [rows, depth] weight [columns, depth]^T} of the same x.
   *
   * @param layers how many there are
   * @param element bytes of an element of x
   * @param weight bytes of an element of the weight, with its scales
   * @param out what is stored
   * @param activation of the sums
   * @param added whether sums are added to what is there
   */
  record Product(
      int layers,
      int rows,
      int depth,
      int columns,
      int element,
      double weight,
      DType out,
      Activation activation,
      boolean added) {
    double xBytes() {
      return (double) rows * depth * element;
    }

    double weightBytes() {
      return (double) layers * columns * depth * weight;
    }

    double outBytes() {
      return (added ? 2.0 : 1.0) * layers * rows * columns * out.byteSize();
    }

    double bytes() {
      return xBytes() + weightBytes() + outBytes();
    }

    double operations() {
      return 2.0 * layers * rows * depth * columns;
    }

    Work work() {
      return new Work(layers, rows, columns);
    }
  }

  /** 16-bit products, in the tile that the launcher takes. */
  LaunchCost hopper(Product product) {
    return hopper("MatmulHopper", EnumSet.allOf(MatmulHopperTile.class), product);
  }

  /** Products of int8 values, in the tile that the launcher takes. */
  LaunchCost int8(Product product) {
    return hopper("MatmulInt8Hopper", EnumSet.allOf(MatmulHopperTile.class), product);
  }

  /** Products of fp8 values, in the tile that the launcher takes. */
  LaunchCost fp8(Product product) {
    return hopper("MatmulFp8Hopper", MatmulFp8Cuda.HOPPER_TILES, product);
  }

  private LaunchCost hopper(String source, Set<MatmulHopperTile> tiles, Product product) {
    MatmulHopperPlan plan =
        MatmulHopperPlan.fastest(
            tiles,
            product.work(),
            product.out(),
            (long) product.depth() * product.element(),
            MULTIPROCESSORS);
    MatmulHopperTile tile = plan.tile();
    boolean inPairs = hopper.pairs() && plan.inPairs();
    int rows = sources.constant(HOPPER, "kTileM");
    int rowBytes = sources.constant(HOPPER, "kRowBytes");
    int groups = rows / sources.constant(HOPPER, "kGroupM");
    int width = tile.columns();
    int slice = rowBytes / product.element();
    double slotBytes = (rows + width) * (double) rowBytes;
    double askedBytes = (rows + (inPairs ? width / 2.0 : width)) * rowBytes;
    double readBytes = (rows + groups * (double) width) * rowBytes;
    double operations = 2.0 * rows * width * slice;
    StepCycles step =
        new StepCycles(
            operations / (TENSOR_OPERATIONS * 2 / product.element()) / hopper.tensorShare(),
            (slotBytes + readBytes) / SHARED_BYTES,
            Math.max(askedBytes / L2_BYTES, slotBytes / HopperRates.RECEIVED_BYTES),
            0,
            0);
    int alongRows = Math.ceilDiv(product.rows(), rows);
    // Where tiles along rows are odd in number, pairs compute one of zeros.
    int computed = inPairs ? 2 * Math.ceilDiv(alongRows, 2) : alongRows;
    long blocks = (long) computed * product.layers() * Math.ceilDiv(product.columns(), width);
    int warps = 4 * groups;
    int steps = Math.ceilDiv(product.depth(), slice);
    double end = epilogue(product, rows, width, warps);
    return new LaunchCost(
        source + " " + rows + "x" + width + (inPairs ? " in pairs" : ""),
        blocks,
        steps,
        step,
        step.overlapped(),
        end,
        product.bytes() + againByStripes(product, alongRows),
        0,
        inPairs ? WAITING_FOR_PAIRS : 0,
        step.hidden(steps, end, stages(width)));
  }

  private int stages(int width) {
    return sources.inSource(HOPPER, "using \\w+ = Tile<(\\d+), (\\d+)>;").stream()
        .filter(each -> each[0] == width)
        .findFirst()
        .orElseThrow()[1];
  }

  /**
   * Where x does not stay in L2, the weight is read again for each stripe, if it does not either.
   */
  private double againByStripes(Product product, int alongRows) {
    if (product.xBytes() <= HopperRates.L2_CAPACITY
        || product.weightBytes() <= HopperRates.L2_CAPACITY) {
      return 0;
    }
    int stripes = Math.ceilDiv(alongRows, sources.constant(HOPPER, "kStripe"));
    return (stripes - 1) * product.weightBytes();
  }

  /** Tiles go column by column: what of x does not stay in L2 is read again for each column. */
  private static double againByColumns(
      Product product, int alongRows, int alongColumns, int resident) {
    if (product.xBytes() <= HopperRates.L2_CAPACITY) {
      return 0;
    }
    int together = Math.max(1, resident * MULTIPROCESSORS / alongRows);
    return (Math.ceilDiv(alongColumns, together) - 1) * product.xBytes();
  }

  /**
   * Cycles after the sums of a tile: they are written to shared memory, while the warps wait for
   * what is added if anything is, are read again, scaled if x is quantised, and activated.
   */
  private double epilogue(Product product, int rows, int width, int warps) {
    double elements = (double) rows * width;
    double staging = elements * Float.BYTES / SHARED_BYTES;
    double waiting = 0;
    if (product.added()) {
      int vector = sources.constant(EPILOGUE, "kVector");
      int inFlight = sources.constant(EPILOGUE, "kLoadsInFlight");
      waiting = elements / (32 * warps * vector * inFlight) * HopperRates.LATENCY;
    }
    double instructions =
        CountedInstructions.cycles(product.activation(), sources)
            + (product.element() == 1 ? CountedInstructions.SCALES.cycles(sources) : 0);
    return Math.max(staging, waiting) + staging + instructions * elements;
  }

  /** Products with weights of four bits, by mma.sync. */
  LaunchCost int4(Product product) {
    MatmulTile tile = MatmulTile.onTensorCores(product.rows(), product.columns(), MULTIPROCESSORS);
    int[] extents =
        sources.inSource(INT4 + ".cu", "= Tile<(\\d+), (\\d+), (\\d+), (\\d+), \\d+>;").stream()
            .filter(each -> tile.suffix().equals("_" + each[0] + "x" + each[1]))
            .findFirst()
            .orElseThrow();
    int rows = extents[0];
    int width = extents[1];
    int warpsAlongRows = extents[2];
    int warpsAcross = extents[3];
    int warps = warpsAlongRows * warpsAcross;
    int rowBytes = sources.constant("matmul_tile.cuh", "kRowBytes");
    int slice = rowBytes / product.element();
    // That weights are widened in registers is not counted.
    double xBytes = rows * (double) rowBytes;
    double weightBytes = width * slice * product.weight();
    double slotBytes = xBytes + weightBytes;
    double readBytes = warpsAcross * xBytes + warpsAlongRows * weightBytes;
    double operations = 2.0 * rows * width * slice;
    StepCycles step =
        new StepCycles(
            operations / (TENSOR_OPERATIONS * 2 / product.element()) / MMA_SYNC_SHARE,
            (slotBytes + readBytes) / SHARED_BYTES,
            slotBytes / L2_BYTES,
            0,
            0);
    int alongRows = Math.ceilDiv(product.rows(), rows);
    int alongColumns = Math.ceilDiv(product.columns(), width);
    long blocks = (long) alongRows * alongColumns;
    int resident =
        (int)
            Math.min(
                resources.residentBlocks(
                    "matmul_int4_bf16" + tile.suffix(), 32 * warps, tile.sharedBytes()),
                Math.ceilDiv(blocks, MULTIPROCESSORS));
    return new LaunchCost(
        INT4 + " " + rows + "x" + width,
        blocks,
        Math.ceilDiv(product.depth(), slice),
        step,
        step.inTurns(resident),
        epilogue(product, rows, width, warps) / resident,
        product.bytes() + againByColumns(product, alongRows, alongColumns, resident));
  }

  /** Products without tensor cores, which have no tile in shared memory. */
  static LaunchCost simt(String source, Product product) {
    return lanes(source, product.operations(), product.bytes());
  }

  /** A kernel without tensor cores, whose operations all multiprocessors share. */
  static LaunchCost lanes(String source, double operations, double bytes) {
    double cycles =
        operations / (MULTIPROCESSORS * HopperRates.LANE_OPERATIONS * HopperRates.LANE_SHARE);
    StepCycles step = new StepCycles(0, 0, 0, cycles, 0);
    return new LaunchCost(source, MULTIPROCESSORS, 1, step, cycles, 0, bytes);
  }
}
