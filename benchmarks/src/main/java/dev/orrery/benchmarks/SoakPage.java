package dev.orrery.benchmarks;

import dev.orrery.runtime.checkpoint.JsonValue;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;

/**
 * The part of {@code docs/performance.md} about playing for long, of every machine that {@code
 * ./bench soak} has results of.
 */
final class SoakPage {
  private static final String SECTION = "\n## Soak\n";

  private static final String NONE =
      """

      Not yet measured. [How to measure](../benchmarks/README.md#soak).
      """;

  private static final String HEAD =
      """

      Worlds that were played for long with random actions, and as often saved, resumed and compared byte for byte. Memory is
      the median of the first quarter of its measurements and that of the last, in MB; "process" is what is resident without
      what Java takes to load and compile code. [Rules](../benchmarks/README.md#soak).
      """;

  private static final String MACHINE =
      """

      ### Soak on %s

      %s%s

      | World | chunks | resumed | p99 over p50 | other programs | objects | tensors | process | rules broken |
      |---|---:|---:|---:|---:|---:|---:|---:|---|
      %s
      """;

  private SoakPage() {}

  /** The section. */
  static String text(Path root) {
    List<Path> files = GpuPage.files(root.resolve(GpuPage.RESULTS), SoakReport.FILE);
    return SECTION
        + (files.isEmpty() ? NONE : HEAD)
        + files.stream()
            .map(file -> machine(file.getParent().getFileName(), JsonValue.read(file)))
            .collect(Collectors.joining());
  }

  private static String machine(Path name, JsonValue stored) {
    String commit = stored.string("commit", "");
    return String.format(
        Locale.ROOT,
        MACHINE,
        name,
        Machine.of(stored.get("machine")).markdown(),
        commit.isEmpty() ? "" : " Commit " + commit + ".",
        stored.get("worlds").asList().stream()
            .map(SoakPage::row)
            .collect(Collectors.joining("\n")));
  }

  private static String row(JsonValue world) {
    JsonValue result = world.get("result");
    List<MemoryInUse> memory = result.get("memory").asList().stream().map(MemoryInUse::of).toList();
    List<JsonValue> broken = result.get("broken").asList();
    return String.format(
        Locale.ROOT,
        "| %s | %d | %d | %.2f | %.0f %% | %s | %s | %s | %s |",
        world.string("name"),
        result.integer("chunks"),
        result.integer("resumed"),
        result.number("p99") / result.number("p50"),
        100 * result.number("others"),
        megabytes(memory, MemoryInUse::objects),
        megabytes(memory, MemoryInUse::tensors),
        megabytes(memory, MemoryInUse::rest),
        broken.isEmpty()
            ? "none"
            : broken.stream().map(JsonValue::asString).collect(Collectors.joining("; ")));
  }

  private static String megabytes(List<MemoryInUse> memory, ToLongFunction<MemoryInUse> part) {
    if (memory.isEmpty()) {
      return "–";
    }
    SoakResult.Growth growth = SoakResult.Growth.of(memory, part);
    return String.format(Locale.ROOT, "%.2f to %.2f", growth.first() / 1e6, growth.last() / 1e6);
  }
}
