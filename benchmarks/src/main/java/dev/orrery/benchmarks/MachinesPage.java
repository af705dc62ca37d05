package dev.orrery.benchmarks;

import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
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
      of the operations of the sums as they are defined, and of the bytes that a call needs at least.

      %s
      %s
      | Case |%s
      |---|%s
      %s
      """;

  private static final String ROOFLINES =
      """

      What a kernel can reach is limited by the peak of arithmetic or, where it has few operations for each byte of its tensors, by
      memory; both are measured in the same run. Kernels whose tensors lie in a cache may be above the line of memory, and
      convolutions of 3 x 3 above the peak: Winograd's filtering needs fewer operations than are counted.

      %s
      """;

  private MachinesPage() {}

  /** The section. */
  static String text(Path root) {
    SortedMap<String, BenchResults> machines = machines(root);
    return SECTION + (machines.isEmpty() ? NONE : table(machines));
  }

  private static SortedMap<String, BenchResults> machines(Path root) {
    SortedMap<String, BenchResults> machines = new TreeMap<>();
    for (Path file : GpuPage.files(root.resolve(GpuPage.RESULTS), Bench.BASELINE)) {
      machines.put(file.getParent().getFileName().toString(), BenchResults.read(file));
    }
    return machines;
  }

  /** The pictures that the section shows, by their paths. */
  static SortedMap<Path, String> pictures(Path root) {
    SortedMap<Path, String> pictures = new TreeMap<>();
    machines(root)
        .forEach(
            (name, results) ->
                roofline(name, results)
                    .ifPresent(
                        svg ->
                            pictures.put(
                                root.resolve(PerformancePage.PICTURES).resolve(picture(name)),
                                svg)));
    return pictures;
  }

  private static String picture(String machine) {
    return "roofline-" + machine + ".svg";
  }

  /** Of results that have the machine's limits. */
  private static Optional<String> roofline(String name, BenchResults results) {
    Optional<BenchCase> peak = limit(results, BenchSuite.PEAK);
    Optional<BenchCase> copy = limit(results, BenchSuite.COPY);
    if (peak.isEmpty() || copy.isEmpty()) {
      return Optional.empty();
    }
    List<RooflineChart.Point> points =
        results.cases().stream()
            .filter(it -> it.work().bytes() > 0 && it.work().operations() > 0)
            .map(
                it ->
                    new RooflineChart.Point(
                        it.id().benchmark() + " " + String.join(" ", it.id().parameters().values()),
                        it.work().operations(),
                        it.work().bytes(),
                        it.spread(BenchCase.Sample::milliseconds).median()))
            .toList();
    return Optional.of(
        RooflineChart.svg(
            "Roofline of " + name + ", threads: " + results.machine().threads(),
            fastest(peak.get(), peak.get().work().operations()),
            fastest(copy.get(), copy.get().work().bytes()),
            points));
  }

  private static Optional<BenchCase> limit(BenchResults results, String benchmark) {
    return results.cases().stream().filter(it -> it.id().benchmark().equals(benchmark)).findFirst();
  }

  /** 10^9 operations or bytes in a second of the fastest iteration. */
  private static double fastest(BenchCase limit, double work) {
    return work / limit.spread(BenchCase.Sample::milliseconds).least() / 1e6;
  }

  private static String rooflines(SortedMap<String, BenchResults> machines) {
    String pictures =
        machines.entrySet().stream()
            .filter(it -> roofline(it.getKey(), it.getValue()).isPresent())
            .map(
                it ->
                    "![Roofline of " + it.getKey() + "](performance/" + picture(it.getKey()) + ")")
            .collect(Collectors.joining("\n\n"));
    return pictures.isEmpty() ? "" : String.format(Locale.ROOT, ROOFLINES, pictures);
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
        rooflines(machines),
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
