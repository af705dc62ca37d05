package dev.orrery.benchmarks;

import static dev.orrery.benchmarks.HopperRates.EXPONENTIALS;
import static dev.orrery.benchmarks.HopperRates.L2_BYTES;
import static dev.orrery.benchmarks.HopperRates.LATENCY;
import static dev.orrery.benchmarks.HopperRates.MMA_SYNC_SHARE;
import static dev.orrery.benchmarks.HopperRates.SHARED_BYTES;
import static dev.orrery.benchmarks.HopperRates.TENSOR_OPERATIONS;

import dev.orrery.kernels.tensor.DType;

/**
 * The cost of attention on an H200: {@code attention_hopper.cuh, attention_tile.cuh,
 * attention_wide.cuh}.
 */
final class AttentionCost {
  private static final String HOPPER = "attention_hopper.cuh";
  private static final String TILE = "attention_tile.cuh";
  private static final String WIDE = "attention_wide.cuh";
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

  /** Queries and keys as they are multiplied. */
  private enum Scores {
    SIXTEEN_BITS(BYTES),
    INT8(1);

    /** Of an element; tensor cores take as many bytes at a time of all types. */
    private final int bytes;

    Scores(int bytes) {
      this.bytes = bytes;
    }

    /** Operations of scores and averages, in those of 16 bits. */
    double operations(double queries, double keys, double headDim) {
      return (1 + (double) bytes / BYTES) * 2 * queries * keys * headDim;
    }
  }

  /** Attention of 16-bit heads. */
  LaunchCost attention(Heads work) {
    return onTensorCores("Attention", "ATTENTION_HOPPER", work);
  }

  /**
   * Attention to what a launch before it transformed: queries, keys and values are read and
   * written.
   */
  LaunchCost prope(Heads work) {
    double tokenBytes = (double) work.heads() * work.headDim() * BYTES;
    double transformed = 2 * (work.queries() + 2.0 * work.keys()) * tokenBytes;
    double attended = 2.0 * (work.queries() + work.keys()) * tokenBytes;
    Heads operands =
        new Heads(1, work.queries(), work.keys(), work.heads(), work.headDim(), attended);
    return onTensorCores("PropeAttention", "PROPE_ATTENTION_HOPPER", operands)
        .after(LaunchCost.ofBytes("PropeAttention transform", transformed));
  }

  /**
   * Attention of int8 to what a launch before it quantised, and transformed where there are
   * cameras.
   */
  LaunchCost int8(Heads work, boolean cameras) {
    double elements = (double) work.heads() * work.headDim();
    double rounded = (work.queries() + (double) work.keys()) * elements;
    double values = cameras ? 2 * work.keys() * elements * BYTES : 0;
    double quantised = rounded * (BYTES + Scores.INT8.bytes) + values;
    double attended = rounded * Scores.INT8.bytes + rounded * BYTES;
    Heads operands =
        new Heads(1, work.queries(), work.keys(), work.heads(), work.headDim(), attended);
    boolean onHopper =
        sources.inSource("AttentionInt8Hopper.cu", "<type, (\\d+), int8_t>").stream()
            .anyMatch(dim -> dim[0] == work.headDim());
    int padded = work.headDim() <= 64 ? 64 : 128;
    LaunchCost attention =
        onHopper
            ? hopper("AttentionInt8Hopper", Scores.INT8, operands)
            : tile("AttentionInt8", padded, Scores.INT8, operands);
    return attention.after(LaunchCost.ofBytes("AttentionInt8 quantise", quantised));
  }

  private LaunchCost onTensorCores(String stem, String macro, Heads work) {
    boolean onHopper =
        sources.inSource(stem + "Hopper.cu", macro + "\\((\\d+), bf16, bf16\\)").stream()
            .anyMatch(dim -> dim[0] == work.headDim());
    if (onHopper) {
      return hopper(stem + "Hopper", Scores.SIXTEEN_BITS, work);
    }
    return sources.inSource(stem + ".cu", "ATTENTION_TILES\\((\\d+)\\)").stream()
        .filter(dim -> work.headDim() <= dim[0])
        .findFirst()
        .map(dim -> tile(stem, dim[0], Scores.SIXTEEN_BITS, work))
        .orElseGet(() -> wide(work));
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

  /** Instructions of a tile that 16 bits do not need. */
  private double conversions(Scores scores, double count) {
    return scores == Scores.INT8 ? count * CountedInstructions.INT8_SCORE.cycles(sources) : 0;
  }

  private LaunchCost hopper(String source, Scores scores, Heads work) {
    int queries = sources.constant(HOPPER, "kQueries");
    int keys = sources.constant(HOPPER, "kKeys");
    int dim = work.headDim();
    int warpgroups = sources.constant(HOPPER, "kConsumers");
    double tileBytes = (double) keys * dim * (scores.bytes + BYTES);
    double queryBytes = (double) queries * dim * scores.bytes;
    double exponentials = (double) queries * keys / EXPONENTIALS;
    StepCycles step =
        new StepCycles(
            scores.operations(queries, keys, dim) / TENSOR_OPERATIONS,
            // Each warpgroup reads keys and values, and its own queries.
            ((1 + warpgroups) * tileBytes + queryBytes) / SHARED_BYTES,
            tileBytes / L2_BYTES,
            conversions(scores, (double) queries * keys),
            exponentials);
    // A block waits for its queries, keys and values, hides nothing of the first tile's
    // exponentials, and stores its output with nothing else to do.
    double outBytes = (double) queries * dim * BYTES;
    double ends =
        2 * LATENCY + (queryBytes + tileBytes) / L2_BYTES + exponentials + outBytes / L2_BYTES;
    // A block whose queries are those of one warpgroup does half of it all.
    boolean half = (work.queries() - 1) % queries < queries / warpgroups;
    long heads = (long) work.heads() * work.sequences();
    return new LaunchCost(
        source + " " + queries + "x" + keys,
        Math.ceilDiv(work.queries(), queries) * heads,
        Math.ceilDiv(work.keys(), keys),
        step,
        step.attention(),
        ends,
        work.bytes(),
        half ? heads : 0,
        0,
        0);
  }

  private LaunchCost tile(String source, int headDim, Scores scores, Heads work) {
    int keys = sources.constant(TILE, "kKeys");
    int queries = sources.constant(TILE, "kQueries");
    // Products of a warp: the head dim of int8 that has fewer of them, those, and those of others.
    int[] rowTiles =
        sources
            .inSource(TILE, "kRowTiles = sizeof\\(Q\\) == 1 && kDim == (\\d+) \\? (\\d+) : (\\d+);")
            .getFirst();
    boolean holdsQueries = scores == Scores.INT8 && headDim == rowTiles[0];
    int warps = queries / 16 / (holdsQueries ? rowTiles[1] : rowTiles[2]);
    double tileBytes = (double) keys * headDim * (scores.bytes + BYTES);
    double queryBytes = (double) queries * headDim * scores.bytes;
    StepCycles step =
        new StepCycles(
            scores.operations(queries, keys, headDim) / (TENSOR_OPERATIONS * MMA_SYNC_SHARE),
            // Every warp reads all keys and all values, and its own queries or holds them.
            ((1 + warps) * tileBytes + (holdsQueries ? 0 : queryBytes)) / SHARED_BYTES,
            tileBytes / L2_BYTES,
            conversions(scores, (double) queries * keys),
            (double) queries * keys / EXPONENTIALS);
    double ends = 2 * LATENCY + (double) queries * headDim * (scores.bytes + BYTES) / L2_BYTES;
    return new LaunchCost(
        source + " " + queries + "x" + keys,
        (long) Math.ceilDiv(work.queries(), queries) * work.heads() * work.sequences(),
        Math.ceilDiv(work.keys(), keys),
        step,
        step.attention(),
        ends,
        work.bytes());
  }

  private LaunchCost wide(Heads work) {
    int warps = sources.constant(WIDE, "kWarps");
    int queries = 16 * warps;
    int keys = sources.constant(WIDE, "kKeys");
    int columns = sources.constant(WIDE, "kColumns");
    double queryBytes = (double) queries * work.headDim() * BYTES;
    double keyBytes = (double) keys * work.headDim() * BYTES;
    double valueBytes = (double) keys * columns * BYTES;
    double copied = queryBytes + keyBytes + valueBytes;
    StepCycles step =
        new StepCycles(
            2.0
                * queries
                * keys
                * (work.headDim() + columns)
                / (TENSOR_OPERATIONS * MMA_SYNC_SHARE),
            // Every warp reads its own queries, all keys and all values.
            (copied + queryBytes + warps * (keyBytes + valueBytes)) / SHARED_BYTES,
            copied / L2_BYTES,
            0,
            (double) queries * keys / EXPONENTIALS);
    return new LaunchCost(
        "Attention wide " + queries + "x" + keys,
        (long) Math.ceilDiv(work.queries(), queries)
            * work.heads()
            * work.sequences()
            * Math.ceilDiv(work.headDim(), columns),
        Math.ceilDiv(work.keys(), keys),
        step,
        step.attention(),
        2 * LATENCY + (double) queries * columns * BYTES / L2_BYTES,
        work.bytes());
  }
}
