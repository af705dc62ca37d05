package dev.orrery.benchmarks;

import static dev.orrery.benchmarks.HopperRates.EXPONENTIALS;
import static dev.orrery.benchmarks.HopperRates.L2_BYTES;
import static dev.orrery.benchmarks.HopperRates.LATENCY;
import static dev.orrery.benchmarks.HopperRates.MMA_SYNC_SHARE;
import static dev.orrery.benchmarks.HopperRates.SHARED_BYTES;
import static dev.orrery.benchmarks.HopperRates.TENSOR_OPERATIONS;

import dev.orrery.kernels.tensor.DType;
import java.util.List;

/** The cost of attention on an H200: {@code AttentionHopper.cu, attention_tile.cuh}. */
final class AttentionCost {
  private static final String HOPPER = "AttentionHopper.cu";
  private static final String TILE = "attention_tile.cuh";
  private static final int BYTES = DType.BF16.byteSize();

  private final CudaSources sources;

  AttentionCost(CudaSources sources) {
    this.sources = sources;
  }

  /**
   * Attention of {@code sequences} with {@code queries} and {@code keys} each.
   *
   * @param bytes of all tensors
   */
  record Heads(int sequences, int queries, int keys, int heads, int headDim, double bytes) {}

  /** A tile of {@code attention_tile.cuh}, as launchers list it. */
  private record Tile(int headDim, int warps, int keys, int columns) {
    int queries() {
      return 16 * warps;
    }
  }

  /** Attention of 16-bit heads. */
  LaunchCost attention(Heads work) {
    boolean onHopper =
        sources.inSource(HOPPER, "ATTENTION_HOPPER\\((\\d+), bf16, bf16\\)").stream()
            .anyMatch(dim -> dim[0] == work.headDim());
    if (onHopper) {
      return hopper(work);
    }
    List<Tile> tiles =
        sources
            .inLauncher(
                "attention/AttentionCuda.java", "[ (]tile\\((\\d+), (\\d+), (\\d+), (\\d+)\\)")
            .stream()
            .map(row -> new Tile(row[0], row[1], row[2], row[3]))
            .toList();
    return work.headDim() <= tiles.getLast().headDim()
        ? tile("Attention", smallest(tiles, work), work, 0)
        : rows(work);
  }

  /**
   * Attention by a warp for each row, without tensor cores: the lanes of a load of keys read one
   * element of 32 rows, lines of L1 that are looked up one after the other.
   */
  LaunchCost rows(Heads work) {
    int warps = sources.constant("Attention.cu", "kMostRows");
    int lanes = 32;
    double lines = (double) warps * lanes * work.headDim();
    // Load, conversion, load of the query and product of a key; shuffle, load, conversion, product
    // and address of a value.
    double instructions = 9.0 * warps * work.headDim() / HopperRates.SCHEDULERS;
    StepCycles step = new StepCycles(0, lines, 0, instructions, 0);
    return new LaunchCost(
        "Attention row",
        Math.ceilDiv((long) work.queries() * work.heads() * work.sequences(), warps),
        Math.ceilDiv(work.keys(), lanes),
        step,
        step.attention(),
        0,
        work.bytes());
  }

  /** Attention that transforms every tile of keys and of values in every block. */
  LaunchCost prope(Heads work) {
    int keys = sources.inSource(TILE, "kKeys = kDim <= 128 \\? (\\d+)").getFirst()[0];
    List<Tile> tiles =
        sources
            .inLauncher("attention/PropeAttentionCuda.java", "[ (]tile\\((\\d+), (\\d+)\\)")
            .stream()
            .map(row -> new Tile(row[0], row[1], keys, row[0]))
            .toList();
    int instructions = CountedInstructions.PROPE_TRANSFORM.in(sources);
    return tile("PropeAttention", smallest(tiles, work), work, instructions);
  }

  private static Tile smallest(List<Tile> tiles, Heads work) {
    return tiles.stream()
        .filter(tile -> work.headDim() <= tile.headDim())
        .findFirst()
        .orElseThrow();
  }

  private LaunchCost hopper(Heads work) {
    int queries = sources.constant(HOPPER, "kQueries");
    int keys = sources.constant(HOPPER, "kKeys");
    int dim = work.headDim();
    int warpgroups = sources.constant(HOPPER, "kConsumers");
    double tileBytes = (double) keys * dim * BYTES;
    double exponentials = (double) queries * keys / EXPONENTIALS;
    StepCycles step =
        new StepCycles(
            4.0 * queries * keys * dim / TENSOR_OPERATIONS,
            // Each warpgroup reads keys and values, and its own queries.
            ((1 + warpgroups) * 2 * tileBytes + (double) queries * dim * BYTES) / SHARED_BYTES,
            2 * tileBytes / L2_BYTES,
            0,
            exponentials);
    // A block waits for its queries, keys and values, hides nothing of the first tile's
    // exponentials, and stores its output with nothing else to do.
    double outBytes = (double) queries * dim * BYTES;
    double ends =
        2 * LATENCY + (outBytes + 2 * tileBytes) / L2_BYTES + exponentials + outBytes / L2_BYTES;
    return new LaunchCost(
        "AttentionHopper " + queries + "x" + keys,
        (long) Math.ceilDiv(work.queries(), queries) * work.heads() * work.sequences(),
        Math.ceilDiv(work.keys(), keys),
        step,
        step.attention(),
        ends,
        work.bytes());
  }

  private LaunchCost tile(String source, Tile tile, Heads work, int transform) {
    int slices = Math.ceilDiv(work.headDim(), tile.columns());
    double keyBytes = (double) tile.keys() * tile.headDim() * BYTES;
    double valueBytes = (double) tile.keys() * tile.columns() * BYTES;
    double products = 2.0 * tile.queries() * tile.keys() * (tile.headDim() + tile.columns());
    // Every warp reads all keys and values, and its queries where registers do not hold them.
    boolean holdsQueries =
        tile.headDim() <= sources.inSource(TILE, "kHoldQueries = kDim <= (\\d+)").getFirst()[0];
    double queryBytes = holdsQueries ? 0 : (double) tile.queries() * tile.headDim() * BYTES;
    double chunks = (keyBytes + valueBytes) / 16;
    StepCycles step =
        new StepCycles(
            products / (TENSOR_OPERATIONS * MMA_SYNC_SHARE),
            ((1 + tile.warps()) * (keyBytes + valueBytes) + queryBytes) / SHARED_BYTES,
            (keyBytes + valueBytes) / L2_BYTES,
            chunks * transform / (32 * HopperRates.SCHEDULERS),
            (double) tile.queries() * tile.keys() / EXPONENTIALS);
    double ends = 2 * LATENCY + 2.0 * tile.queries() * tile.headDim() * BYTES / L2_BYTES;
    return new LaunchCost(
        source + " " + tile.queries() + "x" + tile.keys(),
        (long) Math.ceilDiv(work.queries(), tile.queries())
            * work.heads()
            * work.sequences()
            * slices,
        Math.ceilDiv(work.keys(), tile.keys()),
        step,
        step.attention(),
        ends,
        work.bytes());
  }
}
