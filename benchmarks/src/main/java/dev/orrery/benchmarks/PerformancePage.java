package dev.orrery.benchmarks;

import dev.orrery.runtime.checkpoint.JsonValue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Writes {@code docs/performance.md} and the numbers of the README from the stored results, without
 * measuring anything. Tests keep them together.
 */
public final class PerformancePage {
  /** Where results are stored, as seen from the root of the checkout. */
  static final String RESULTS = "benchmarks/results/cpu";

  /** Where pictures lie, as seen from the root of the checkout. */
  static final String PICTURES = "docs/performance";

  /** The command that writes the page anew. */
  static final String COMMAND =
      "java -cp \"benchmarks/target/classes:benchmarks/target/lib/*\""
          + " dev.orrery.benchmarks.PerformancePage";

  private static final String HEAD =
      """
      # Performance

      Written from the results in `%s` and of GPUs beside it; do not edit. [How to measure](../benchmarks/README.md). To write the page
      anew from the stored results, without measuring: `%s`.
      """;

  private static final String KERNELS =
      """
      %s

      Of the iterations of a case the fastest counts, because other programs only ever add time; where other programs
      run, shares are lower bounds.

      ### Bound by arithmetic

      The peak is a loop of fused multiply-adds of registers on all threads, measured before and after each kernel;
      its highest value counts. "Allocated" is what a call leaves to the garbage collector.

      | Kernel | Shape | ms | GFLOP/s | peak | share | allocated |
      |---|---|---:|---:|---:|---:|---:|
      %s

      ### Bound by memory

      GB/s are the bytes that a call has to read and write at least once. "Copy" is the bandwidth of copying about as
      many bytes on all threads, half of them read and half of them written; a kernel that reads more than it
      writes, or whose tensors stay in a cache, can exceed it.

      | Kernel | Shape | ms | GB/s | copy | share | allocated |
      |---|---|---:|---:|---:|---:|---:|
      %s
      """;

  private static final String SESSIONS =
      """
      %s

      The model is loaded. "Start and first chunk" is the time from an image to the first frames, "next chunk" that of a
      chunk in a world that plays; both include decoding.

      | Model | What | Frames | ms | frames/s | allocated |
      |---|---|---:|---:|---:|---:|
      %s
      """;

  private static final String PASSES =
      """
      %s

      %s: one pass of the network is %.2f TFLOP. "Alone" is the fastest of some repetitions of a product of matrices or a
      convolution with nothing between them, times its calls. Processor time is that of all threads together, which other
      programs on the machine change little. By the clock a pass meets all of them and the fastest repetition few, so on a
      machine that is shared the second ratio is an upper bound.

      | | the pass | its products and convolutions alone | ratio |
      |---|---:|---:|---:|
      | processor time, s | %.1f | %.1f | **%.2f** |
      | by the clock, s | %.1f | %.1f | %.2f |

      | Kernel | calls | TFLOP | processor s in the pass | alone | GFLOP/s of a processor in the pass |
      |---|---:|---:|---:|---:|---:|
      %s

      The shapes that take most of it, in processor ms a call:

      | Kernel | Tensors | calls | in the pass | alone | GFLOP/s of a processor alone |
      |---|---|---:|---:|---:|---:|
      %s
      """;

  private static final int SHAPES = 12;

  private static final String LATENCY =
      """
      %s

      The demo world is played, %d times a key is pressed at a random time. "Making" is what a block takes (passes,
      decoding, and what is left for later blocks), "playing" how long it is shown. A block reads its input when it begins, as
      late as playback allows, so that its first frame is due after making, and a key waits for the block that is being
      shown; 50 ms on top are for threads and the network. All times are in milliseconds.

      | From ... to ... | p50 | p95 | p99 | making | playing | p95 at most |
      |---|---:|---:|---:|---:|---:|---:|
      %s
      """;

  private PerformancePage() {}

  /**
   * Writes the page.
   *
   * @param args the root of the checkout, where not the working directory
   */
  public static void main(String[] args) throws IOException {
    write(Path.of(args.length > 0 ? args[0] : ""));
  }

  static void write(Path root) throws IOException {
    Path file = file(root);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text(root));
    Files.writeString(ReadmeNumbers.file(root), ReadmeNumbers.text(root));
    for (Map.Entry<Path, String> picture : pictures(root).entrySet()) {
      Files.createDirectories(picture.getKey().getParent());
      Files.writeString(picture.getKey(), picture.getValue());
    }
  }

  /** The pictures that the page shows, by their paths. */
  static SortedMap<Path, String> pictures(Path root) {
    SortedMap<Path, String> pictures = MachinesPage.pictures(root);
    pictures.putAll(PeersPage.pictures(root));
    return pictures;
  }

  /** Where the page lies. */
  static Path file(Path root) {
    return root.resolve("docs/performance.md");
  }

  /** The text that the page should have. */
  static String text(Path root) {
    Path results = root.resolve(RESULTS);
    return String.format(Locale.ROOT, HEAD, RESULTS, COMMAND)
        + section("Kernels on the CPU", results.resolve("kernels.json"), PerformancePage::kernels)
        + section(
            "Sessions on the CPU", results.resolve("sessions.json"), PerformancePage::sessions)
        + section("A pass on the CPU", results.resolve(PassReport.FILE), PerformancePage::passes)
        + section("Latency of play", results.resolve("latency.json"), PerformancePage::latency)
        + EndToEndPage.text(root)
        + SoakPage.text(root)
        + MachinesPage.text(root)
        + PeersPage.text(root)
        + GpuPage.text(root);
  }

  private static String section(String title, Path results, Function<JsonValue, String> body) {
    return String.format(
        Locale.ROOT,
        "\n## %s\n\n%s",
        title,
        Files.exists(results) ? body.apply(JsonValue.read(results)) : "Not yet measured.\n");
  }

  private static String kernels(JsonValue stored) {
    return String.format(
        Locale.ROOT,
        KERNELS,
        Machine.of(stored.get("machine")).markdown(),
        rows(stored.get("arithmetic"), row -> kernel(row, "gflops")),
        rows(stored.get("memory"), row -> kernel(row, "gigabytes")));
  }

  private static String kernel(JsonValue row, String unit) {
    return String.format(
        Locale.ROOT,
        "| %s | %s | %.3f | %.0f | %.0f | %.0f %% | %s |",
        row.string("kernel"),
        row.string("shape"),
        row.number("milliseconds"),
        row.number(unit),
        row.number("most"),
        100 * row.number(unit) / row.number("most"),
        kilobytes(row));
  }

  private static String sessions(JsonValue stored) {
    return String.format(
        Locale.ROOT,
        SESSIONS,
        Machine.of(stored.get("machine")).markdown(),
        rows(stored.get("sessions"), PerformancePage::session));
  }

  private static String session(JsonValue row) {
    int frames = row.integer("frames");
    double milliseconds = row.number("milliseconds");
    return String.format(
        Locale.ROOT,
        "| %s | %s | %s | %.1f | %s | %s |",
        row.string("model"),
        row.string("what"),
        frames == 0 ? "–" : frames,
        milliseconds,
        frames == 0 ? "–" : String.format(Locale.ROOT, "%.1f", 1000 * frames / milliseconds),
        kilobytes(row));
  }

  private static String passes(JsonValue stored) {
    double processor = stored.number("processorMilliseconds");
    double processorAlone = stored.number("aloneProcessorMilliseconds");
    double milliseconds = stored.number("milliseconds");
    double alone = stored.number("aloneMilliseconds");
    List<JsonValue> shapes = stored.get("shapes").asList();
    return String.format(
        Locale.ROOT,
        PASSES,
        Machine.of(stored.get("machine")).markdown(),
        stored.string("model"),
        stored.number("operations") / 1e12,
        processor / 1e3,
        processorAlone / 1e3,
        processor / processorAlone,
        milliseconds / 1e3,
        alone / 1e3,
        milliseconds / alone,
        rows(stored.get("kernels"), PerformancePage::passKernel),
        shapes.subList(0, Math.min(SHAPES, shapes.size())).stream()
            .map(PerformancePage::passShape)
            .collect(Collectors.joining("\n")));
  }

  private static String passKernel(JsonValue row) {
    double operations = row.number("operations");
    double milliseconds = row.number("processorMilliseconds");
    return String.format(
        Locale.ROOT,
        "| %s | %d | %s | %.2f | %s | %s |",
        row.string("kernel"),
        row.integer("calls"),
        ofAny(operations / 1e12, "%.3f"),
        milliseconds / 1e3,
        ofAny(row.number("aloneProcessorMilliseconds") / 1e3, "%.2f"),
        ofAny(operations / milliseconds / 1e6, "%.0f"));
  }

  private static String passShape(JsonValue row) {
    int calls = row.integer("calls");
    double alone = row.number("aloneProcessorMilliseconds");
    return String.format(
        Locale.ROOT,
        "| %s | %s | %d | %.1f | %s | %s |",
        row.string("kernel"),
        row.string("shape"),
        calls,
        row.number("processorMilliseconds") / calls,
        ofAny(alone / calls, "%.1f"),
        alone == 0 ? "–" : ofAny(row.number("operations") / alone / 1e6, "%.0f"));
  }

  private static String ofAny(double value, String format) {
    return value == 0 ? "–" : String.format(Locale.ROOT, format, value);
  }

  private static String latency(JsonValue stored) {
    return String.format(
        Locale.ROOT,
        LATENCY,
        Machine.of(stored.get("machine")).markdown(),
        stored.integer("keys"),
        rows(
            stored.get("latencies"),
            row ->
                String.format(
                    Locale.ROOT,
                    "| %s | %.0f | %.0f | %.0f | %.0f | %.0f | %.0f |",
                    row.string("what"),
                    row.number("p50"),
                    row.number("p95"),
                    row.number("p99"),
                    row.number("making"),
                    row.number("playing"),
                    row.number("most"))));
  }

  private static String kilobytes(JsonValue row) {
    return String.format(Locale.ROOT, "%.1f kB", row.number("allocatedBytes") / 1e3);
  }

  private static String rows(JsonValue list, Function<JsonValue, String> row) {
    return list.asList().stream().map(row).collect(Collectors.joining("\n"));
  }
}
