package dev.orrery.benchmarks;

import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The part of {@code docs/performance.md} that has machines side by side, as {@code ./bench}
 * measured them.
 */
final class MachinesPage {
  private static final String SECTION = "\n## Machines side by side\n";

  private static final String NONE =
      """

      Not yet measured. [How to measure](../benchmarks/README.md).
      """;

  private static final String TABLE =
      """

      Median of a call in ms, how far the middle half of the iterations spreads, and the GFLOP/s and GB/s that this makes:
      of the operations and bytes that a call needs at least.

      %s

      | Case |%s
      |---|%s
      %s
      """;

  private MachinesPage() {}

  /** The section. */
  static String text(Path root) {
    SortedMap<String, BenchResults> machines = new TreeMap<>();
    for (Path file : GpuPage.files(root.resolve(GpuPage.RESULTS), Bench.BASELINE)) {
      machines.put(file.getParent().getFileName().toString(), BenchResults.read(file));
    }
    return SECTION + (machines.isEmpty() ? NONE : table(machines));
  }

  private static String table(SortedMap<String, BenchResults> machines) {
    List<Map<BenchId, BenchCase>> columns =
        machines.values().stream().map(BenchResults::byId).toList();
    Set<BenchId> cases = new LinkedHashSet<>();
    columns.forEach(column -> cases.addAll(column.keySet()));
    return String.format(
        Locale.ROOT,
        TABLE,
        machines.entrySet().stream()
            .map(it -> "- " + it.getKey() + ": " + it.getValue().describe())
            .collect(Collectors.joining("\n")),
        machines.keySet().stream()
            .map(name -> " " + name + " ms | spread | GFLOP/s | GB/s |")
            .collect(Collectors.joining()),
        "---:|---:|---:|---:|".repeat(machines.size()),
        cases.stream().map(id -> row(id, columns)).collect(Collectors.joining("\n")));
  }

  private static String row(BenchId id, List<Map<BenchId, BenchCase>> columns) {
    return columns.stream()
        .map(column -> cells(column.get(id)))
        .collect(Collectors.joining(" ", "| " + id + " | ", ""));
  }

  private static String cells(BenchCase measured) {
    if (measured == null) {
      return "– | – | – | – |";
    }
    Spread times = measured.spread(BenchCase.Sample::milliseconds);
    return String.format(
        Locale.ROOT,
        "%.3f | %.0f %% | %s | %s |",
        times.median(),
        100 * times.share(),
        rate(measured.work().operations(), times),
        rate(measured.work().bytes(), times));
  }

  private static String rate(double work, Spread milliseconds) {
    return work == 0 ? "–" : String.format(Locale.ROOT, "%.0f", work / milliseconds.median() / 1e6);
  }
}
