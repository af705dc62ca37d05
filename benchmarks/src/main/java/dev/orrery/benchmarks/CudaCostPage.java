package dev.orrery.benchmarks;

import dev.orrery.model.layers.AttentionPrecision;
import dev.orrery.model.session.LatentDecoder;
import dev.orrery.runtime.checkpoint.Quantization;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The part of {@code docs/cuda-kernels.md} that predicts what models take on an H200, beside what
 * was measured there.
 */
final class CudaCostPage {
  /** A released model and how the page calls it. */
  record Model(String family, String name) {}

  private static final Model MATRIX_GAME = new Model("matrix-game-2", "Matrix-Game 2.0, 352 x 640");

  /** Those that the page counts. */
  static final List<Model> MODELS =
      List.of(
          MATRIX_GAME,
          new Model("worldplay-wan5b", "WorldPlay-5B, 704 x 1280"),
          new Model("worldplay-hy8b", "WorldPlay-8B, 480 x 832"));

  /**
   * A setting of a model.
   *
   * @param weights how they are quantised; null where they are bf16
   */
  private record Form(Quantization weights, AttentionPrecision attention) {
    boolean isPlain() {
      return weights == null && attention == AttentionPrecision.FLOAT;
    }

    String name() {
      return (weights == null ? "bf16" : GpuCase.name(weights)) + attention.described();
    }
  }

  private static final List<Form> FORMS =
      List.of(
          new Form(null, AttentionPrecision.FLOAT),
          new Form(Quantization.INT8, AttentionPrecision.FLOAT),
          new Form(Quantization.FP8, AttentionPrecision.FLOAT),
          new Form(Quantization.int4(128), AttentionPrecision.FLOAT),
          new Form(null, AttentionPrecision.INT8),
          new Form(Quantization.INT8, AttentionPrecision.INT8));

  private static final String PAGE =
      """

      ## What an H200 is predicted to take

      %s

      Every launch of a chunk once the model's windows are full, found by planning the released model, one after the
      other. A launch takes %.1f us for its first loads and last stores; the gap of %.1f us to the one before it, and %.1f us in
      which its blocks set up, pass [while that one runs](cuda.md#kernels-behind-kernels). To that comes the longer of two
      times: its bytes from and to memory at %.1f TB/s, and rounds on %d multiprocessors, each of them the steps of a tile and
      what comes before and behind them. A step is counted in cycles of %.2f GHz for each unit:

      - **tensor** cores, at %.0f operations a cycle for 16 bits and twice that for 8, of which `mma.sync` reaches %.1f %% and
        wgmma in convolutions, whose other units keep up, the %.0f %% that were measured;
      - **shared** memory, and the L1 cache in its place, at %.0f bytes or one line a cycle;
      - **L2**, at %.0f bytes a cycle to each of all multiprocessors. Where x does not stay there, %.0f MB, weights
        are read from memory again for each stripe of rows by the kernels for Hopper, x for each column of tiles by others;
      - **instructions** beside the products, counted from the size of `.text`, at %d warps a cycle;
      - **exponentials**, at %.0f a cycle, %.0f %% of which attention does not hide.

      Products by wgmma take as long as their busiest unit, and from their second round on slices come from L2 while the
      tile before them ends, until they fill the ring. Attention takes that, and what it does not hide. In the other
      kernels the blocks on a multiprocessor, as many as registers and shared memory allow, use units in turns. **Ends** are
      the filling of a tile and its epilogue: sums to shared memory, or the waiting for the residual, %.0f cycles for as many
      loads as the source has in flight; then sums back, and the activation's instructions or its exponentials and reciprocals. Tiles are those of the sources and of the
      tables of their launchers: the test of this page reads them there. All other operations are bound by their bytes.
      Not counted are the copies in caches that roll (Matrix-Game 2.0: 90 a chunk, of some 7 us), the %.1f us that a kernel
      behind one takes more, and the host. The rates that
      are no measurement are the weakest point, so +-25 %% is what to expect of a line.

      Blocks of Hopper's attention whose queries are those of one warpgroup take half as long and come last, where the last
      round leaves room for two. PropeAttention is two launches: its time has that of the transform of queries, keys and values,
      its tile and its bytes are those of the attention to them. So is AttentionInt8, of what quantises and transforms,
      and ConvKn2rowHopper, of what brings the weight into columns.

      | Model | Weights | Decoder | Frames a chunk | Launches | ms a chunk | frames a second | measured | ratio |
      |---|---|---|---:|---:|---:|---:|---:|---:|
      %s
      """;

  private static final String NOTHING =
      "**Nothing of this was measured: no GPU was at hand.** [One command](../benchmarks/gpu/README.md)"
          + " measures it; its results\nwill stand beside the predictions.";

  private static final String MEASURED =
      "Measured is what [one command](../benchmarks/gpu/README.md) brought back from such a GPU; the ratio"
          + " is measured over predicted.\nPredictions that miss by more than %.0f %% are listed first.";

  private static final String TINY =
      "What [TAEHV](models/worldplay.md#the-tiny-decoder) launches in the place of the decoder:";

  private static final String QUANTIZED =
      "What quantised weights and attention in int8 bring in the place of some of these:";

  private static final String SECTION =
      """

      %s

      | Operation | Shape | Calls | Tile | Blocks | Rounds | Steps | tensor | shared | L2 | instr. | exp. | Cycles | Ends | MB | us | bound by | ms in all | measured us | ratio |
      |---|---|---:|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---|---:|---:|---:|
      %s
      """;

  private final CudaCost costs;
  private final MeasuredTimes measured;

  private CudaCostPage(Path root) {
    costs = new CudaCost(root);
    measured = new MeasuredTimes(root);
  }

  /**
   * The text.
   *
   * @param root of the checkout
   */
  static String text(Path root) {
    return new CudaCostPage(root).text();
  }

  private String text() {
    List<String> totals = new ArrayList<>();
    StringBuilder sections = new StringBuilder();
    for (Model model : MODELS) {
      Set<String> plain = new HashSet<>();
      Set<ChunkCost.Row> quantized = new LinkedHashSet<>();
      for (Form form : FORMS) {
        ChunkCost chunk = chunk(model, form, LatentDecoder.VAE);
        totals.add(total(model, form, LatentDecoder.VAE, chunk));
        if (form.isPlain()) {
          plain.addAll(chunk.byOperation().keySet());
          sections.append("\n### ").append(model.name()).append("\n");
          sections.append(table(operations(chunk), chunk.rows()));
        }
        chunk.rows().stream()
            .filter(row -> !plain.contains(row.operation()))
            .forEach(quantized::add);
      }
      sections.append(table(QUANTIZED, ChunkCost.sorted(quantized)));
      for (Form form : FORMS) {
        ChunkCost chunk = chunk(model, form, LatentDecoder.TAEHV);
        totals.add(total(model, form, LatentDecoder.TAEHV, chunk));
        if (form.isPlain()) {
          sections.append(
              table(TINY, withoutThoseOf(chunk(model, form, LatentDecoder.VAE), chunk)));
        }
      }
    }
    return String.format(
            Locale.ROOT,
            PAGE,
            measured.exist()
                ? String.format(Locale.ROOT, MEASURED, 100 * ChunkCost.TOLERATED)
                : NOTHING,
            1e6 * HopperRates.START,
            1e6 * HopperRates.GAP,
            1e6 * HopperRates.SETUP,
            HopperRates.BYTES_PER_SECOND / 1e12,
            HopperRates.MULTIPROCESSORS,
            HopperRates.CLOCK / 1e9,
            HopperRates.TENSOR_OPERATIONS,
            100 * HopperRates.MMA_SYNC_SHARE,
            100 * HopperRates.SUSTAINED_SHARE,
            HopperRates.SHARED_BYTES,
            HopperRates.L2_BYTES,
            HopperRates.L2_CAPACITY / 1e6,
            HopperRates.SCHEDULERS,
            HopperRates.EXPONENTIALS,
            100 * HopperRates.UNHIDDEN_EXPONENTIALS,
            HopperRates.LATENCY,
            1e6 * HopperRates.OVERLAP,
            String.join("\n", totals))
        + sections;
  }

  private ChunkCost chunk(Model model, Form form, LatentDecoder decoder) {
    return ChunkCost.of(
        FamilyLaunches.onGpu(model.family(), form.weights(), form.attention(), decoder),
        costs,
        measured);
  }

  /** The rows of a chunk that another one has none of. */
  private static List<ChunkCost.Row> withoutThoseOf(ChunkCost other, ChunkCost chunk) {
    Set<String> known = new HashSet<>();
    other.rows().forEach(row -> known.add(row.operation() + row.shape()));
    return chunk.rows().stream()
        .filter(row -> !known.contains(row.operation() + row.shape()))
        .toList();
  }

  private String total(Model model, Form form, LatentDecoder decoder, ChunkCost chunk) {
    OptionalDouble frames =
        model == MATRIX_GAME && form.isPlain() && decoder == LatentDecoder.VAE
            ? measured.framesPerSecond()
            : OptionalDouble.empty();
    return String.format(
        Locale.ROOT,
        "| %s | %s | %s | %d | %d | %.0f | %.1f | %s |",
        model.name(),
        form.name(),
        decoder.id(),
        chunk.frames(),
        chunk.launches(),
        1e3 * chunk.seconds(),
        chunk.framesPerSecond(),
        frames.isPresent()
            ? String.format(
                Locale.ROOT,
                "%.1f | %.2f",
                frames.getAsDouble(),
                frames.getAsDouble() / chunk.framesPerSecond())
            : "– | –");
  }

  private static String operations(ChunkCost chunk) {
    return chunk.byOperation().entrySet().stream()
        .filter(entry -> entry.getValue() > 0.01 * chunk.seconds())
        .map(entry -> String.format(Locale.ROOT, "%s %.0f", entry.getKey(), 1e3 * entry.getValue()))
        .collect(
            Collectors.joining(
                ", ",
                "Milliseconds of a chunk, weights in bf16: ",
                "; all others less than 1 % each."));
  }

  private static String table(String head, Collection<ChunkCost.Row> rows) {
    return String.format(
        Locale.ROOT,
        SECTION,
        head,
        rows.stream().map(CudaCostPage::row).collect(Collectors.joining("\n")));
  }

  private static String row(ChunkCost.Row row) {
    LaunchCost cost = row.cost();
    return String.format(
        Locale.ROOT,
        "| %s | %s | %d | %s | %s | %.1f | %.1f | %s | %.2f | %s |",
        row.operation(),
        row.shape(),
        row.calls(),
        cost.kernel(),
        cost.blocks() == 0 ? "– | – | – | – | – | – | – | – | – | –" : tiles(cost),
        cost.memoryBytes() / 1e6,
        1e6 * cost.seconds(),
        cost.bound(),
        1e3 * row.seconds(),
        row.measured().isPresent()
            ? String.format(
                Locale.ROOT,
                "%.1f | %.2f",
                1e6 * row.measured().getAsDouble(),
                row.ratio().getAsDouble())
            : "– | –");
  }

  private static String tiles(LaunchCost cost) {
    StepCycles step = cost.step();
    return String.format(
        Locale.ROOT,
        "%d | %s | %d | %.0f | %.0f | %.0f | %.0f | %.0f | %.0f | %.0f",
        cost.blocks(),
        BigDecimal.valueOf(cost.rounds()).stripTrailingZeros().toPlainString(),
        cost.steps(),
        step.tensor(),
        step.shared(),
        step.l2(),
        step.issue(),
        step.exponentials(),
        cost.stepCycles(),
        cost.endCycles());
  }
}
