package dev.orrery.benchmarks;

import dev.orrery.runtime.checkpoint.JsonValue;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The part of {@code docs/performance.md} about whole models, of every machine that {@code ./bench
 * sessions} has results of.
 */
final class EndToEndPage {
  private static final String SECTION = "\n## End to end\n";

  private static final String NONE =
      """

      Not yet measured. [How to measure](../benchmarks/README.md#end-to-end).
      """;

  private static final String HEAD =
      """

      Models in processes of their own, with the options of `./orrery`. All but the demo world have random weights, which
      changes no time; tiny ones are there to show what is not arithmetic. "First frames" is the time from the start of the
      process, median of %d: Java begins, the model is loaded, its start is encoded, the first chunk is made, by code that
      is hardly compiled. Of a chunk "conditioning" is what precedes the passes, "completing" what is left for later chunks,
      such as a pass that fills caches; medians of the second half of the chunks. Times are in ms. Where other programs had much of the processors meanwhile, only
      processor time says something of the model.

      "Planned" is what `orrery info` tells with Java as it was before, "code" what Java takes besides to load and compile
      code, at the end. "Settled" is what is resident without that, after a garbage collection and without what the C library
      keeps free; "growth" the most of it after more than %d chunks over that after %d.
      """;

  private static final String MACHINE =
      """

      ### On %s

      %s%s

      | Model | Java | loading | starting | first chunk | first frames |
      |---|---:|---:|---:|---:|---:|
      %s

      | Model | frames/s | chunk p50 | p99 | processor time | conditioning | passes | decoding | completing | other programs |
      |---|---:|---:|---:|---:|---:|---:|---:|---:|---:|
      %s

      | Model | chunks | planned MB | peak MB | code MB | settled MB | growth |
      |---|---:|---:|---:|---:|---:|---:|
      %s
      """;

  private EndToEndPage() {}

  /** The section. */
  static String text(Path root) {
    List<Path> files = files(root);
    if (files.isEmpty()) {
      return SECTION + NONE;
    }
    int beginnings = EndToEndReport.Effort.FULL.beginnings();
    return SECTION
        + String.format(Locale.ROOT, HEAD, beginnings, EndToEnd.EVERY, EndToEnd.EVERY)
        + files.stream()
            .map(file -> machine(file.getParent().getFileName(), JsonValue.read(file)))
            .collect(Collectors.joining());
  }

  private static List<Path> files(Path root) {
    return GpuPage.files(root.resolve(GpuPage.RESULTS), EndToEndReport.FILE);
  }

  /** The most bytes that the demo world has taken on any of the machines; it is always measured. */
  static OptionalDouble peakOfDemo(Path root) {
    return files(root).stream()
        .map(file -> JsonValue.read(file).get("models").asList().getFirst().get("played"))
        .mapToDouble(demo -> demo.number("peakBytes"))
        .max();
  }

  private static String machine(Path name, JsonValue stored) {
    String commit = stored.string("commit", "");
    return String.format(
        Locale.ROOT,
        MACHINE,
        name,
        Machine.of(stored.get("machine")).markdown(),
        commit.isEmpty() ? "" : " Commit " + commit + ".",
        rows(stored, EndToEndPage::first),
        rows(stored, EndToEndPage::played),
        rows(stored, EndToEndPage::memory));
  }

  private static String rows(JsonValue stored, Function<JsonValue, String> row) {
    return stored.get("models").asList().stream().map(row).collect(Collectors.joining("\n"));
  }

  private static String first(JsonValue model) {
    return String.format(
        Locale.ROOT,
        "| %s: %s | %.0f | %.0f | %.0f | %.0f | **%.0f** |",
        model.string("name"),
        model.get("played").string("model"),
        median(model, "java"),
        median(model, "loading"),
        median(model, "starting"),
        median(model, "making"),
        firstFrames(model));
  }

  private static String played(JsonValue model) {
    JsonValue played = model.get("played");
    return String.format(
        Locale.ROOT,
        "| %s | %.1f | %.1f | %.1f | %.1f | %.1f | %d: %.1f | %.1f | %.1f | %.0f %% |",
        model.string("name"),
        framesPerSecond(played),
        played.number("p50"),
        played.number("p99"),
        played.number("processor"),
        played.number("conditioning"),
        played.integer("passes"),
        played.number("denoising"),
        played.number("decoding"),
        played.number("completing"),
        100 * played.number("others"));
  }

  private static String memory(JsonValue model) {
    JsonValue played = model.get("played");
    JsonValue settled = played.get("settledBytes");
    List<Double> after = settled.keys().stream().map(settled::number).toList();
    double most = after.stream().skip(1).mapToDouble(it -> it).max().orElse(Double.NaN);
    return String.format(
        Locale.ROOT,
        "| %s | %d | %.0f | %.0f | %.0f | %.0f | %s |",
        model.string("name"),
        played.integer("chunks"),
        played.number("plannedBytes") / 1e6,
        played.number("peakBytes") / 1e6,
        played.number("codeBytes") / 1e6,
        after.getLast() / 1e6,
        after.size() == 1
            ? "–"
            : String.format(Locale.ROOT, "%.1f %%", 100 * (most / after.getFirst() - 1)));
  }

  private static double median(JsonValue model, String part) {
    return Spread.of(model.get("first").asList(), it -> it.number(part)).median();
  }

  /** Milliseconds from the start of the process to the first frames. */
  static double firstFrames(JsonValue model) {
    return Spread.of(
            model.get("first").asList(),
            it ->
                it.number("java")
                    + it.number("loading")
                    + it.number("starting")
                    + it.number("making"))
        .median();
  }

  static double framesPerSecond(JsonValue played) {
    return 1e3 * played.integer("frames") / played.number("p50");
  }
}
