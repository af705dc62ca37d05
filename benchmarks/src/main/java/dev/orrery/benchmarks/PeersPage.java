package dev.orrery.benchmarks;

import dev.orrery.runtime.checkpoint.JsonValue;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The part of {@code docs/performance.md} about other libraries, of every machine that {@code
 * ./bench peers} has results of, and its pictures.
 */
final class PeersPage {
  /** The file of a machine's results. */
  static final String FILE = "peers.json";

  private static final String SECTION = "\n## Beside other libraries\n";

  private static final String NONE =
      """

      Not yet measured. [How to measure](../benchmarks/README.md#beside-other-libraries).
      """;

  private static final String MACHINE =
      """

      ### On %s

      %s%s%s

      All solve the same problem in one process and take turns, results were compared before. "Ratio" is the time of the
      library over ours in the same turn, above 1 ours is faster; medians, and how far the middle half spreads. "A
      processor" is what one does in a second of processor time, by which more threads can be compared.

      ![Speed of other libraries, ours being 1](performance/%s)

      | Operation | Shape | threads | Library | ms | spread | ratio | spread | GFLOP/s | a processor |
      |---|---|---:|---|---:|---:|---:|---:|---:|---:|
      %s
      """;

  private static final String HELD =
      " OpenBLAS and libtorch were held to AVX2 as Java was; ONNX Runtime cannot be, and used all of the processor.";

  private PeersPage() {}

  /** The section. */
  static String text(Path root) {
    List<Path> files = files(root);
    StringBuilder text = new StringBuilder(SECTION);
    for (Path file : files) {
      text.append(machine(JsonValue.read(file), picture(file)));
    }
    return text + (files.isEmpty() ? NONE : "");
  }

  /** The pictures that the section shows, by their paths. */
  static SortedMap<Path, String> pictures(Path root) {
    SortedMap<Path, String> pictures = new TreeMap<>();
    for (Path file : files(root)) {
      pictures.put(
          root.resolve(PerformancePage.PICTURES).resolve(picture(file)), svg(JsonValue.read(file)));
    }
    return pictures;
  }

  private static String picture(Path file) {
    return "peers-" + file.getParent().getFileName() + ".svg";
  }

  private static List<Path> files(Path root) {
    return GpuPage.files(root.resolve(GpuPage.RESULTS), FILE);
  }

  private static String machine(JsonValue stored, String picture) {
    Machine machine = Machine.of(stored.get("machine"));
    String commit = stored.string("commit", "");
    List<String> rows = new ArrayList<>();
    for (JsonValue problem : stored.get("peers").asList()) {
      double[] ours = problem.get("calls").asList().getFirst().numbers("milliseconds");
      for (JsonValue call : problem.get("calls").asList()) {
        rows.add(row(problem, call, ours));
      }
    }
    return String.format(
        Locale.ROOT,
        MACHINE,
        machine.folder(),
        machine.markdown(),
        commit.isEmpty() ? "" : " Commit " + commit + ".",
        machine.isHeldToAvx2() ? HELD : "",
        picture,
        String.join("\n", rows));
  }

  private static String row(JsonValue problem, JsonValue call, double[] ours) {
    Spread time = new Spread(call.numbers("milliseconds"));
    Spread processor = new Spread(call.numbers("processorMilliseconds"));
    Spread ratio = ratio(call, ours);
    double operations = problem.number("operations");
    return String.format(
        Locale.ROOT,
        "| %s | %s | %d | %s | %.3f | %.0f %% | %.2f | %.0f %% | %s | %s |",
        operation(problem),
        problem.string("shape"),
        problem.integer("threads"),
        library(call),
        time.median(),
        100 * time.share(),
        ratio.median(),
        100 * ratio.share(),
        rate(operations, time.median()),
        rate(operations, processor.median()));
  }

  /** Turn by turn. */
  private static Spread ratio(JsonValue call, double[] ours) {
    double[] times = call.numbers("milliseconds");
    if (times.length != ours.length) {
      throw call.get("milliseconds").unexpected(ours.length + " numbers, as of ours");
    }
    double[] ratios = new double[times.length];
    for (int turn = 0; turn < times.length; turn++) {
      ratios[turn] = times[turn] / ours[turn];
    }
    return new Spread(ratios);
  }

  private static String rate(double operations, double milliseconds) {
    return operations == 0 || milliseconds == 0
        ? "–"
        : String.format(Locale.ROOT, "%.0f", operations / milliseconds / 1e6);
  }

  private static String operation(JsonValue problem) {
    return problem.string("operation").toLowerCase(Locale.ROOT).replace('_', ' ');
  }

  private static String library(JsonValue call) {
    String way = call.string("way", "");
    return call.string("library") + (way.isEmpty() ? "" : ": " + way);
  }

  private static String svg(JsonValue stored) {
    List<BarChart.Group> groups = new ArrayList<>();
    for (JsonValue problem : stored.get("peers").asList()) {
      List<JsonValue> calls = problem.get("calls").asList();
      double[] ours = calls.getFirst().numbers("milliseconds");
      List<BarChart.Bar> bars =
          calls.stream()
              .map(call -> new BarChart.Bar(library(call), 1 / ratio(call, ours).median()))
              .toList();
      String title =
          operation(problem)
              + ", "
              + problem.string("shape")
              + ", threads: "
              + problem.integer("threads");
      groups.add(new BarChart.Group(title, bars));
    }
    String machine = Machine.of(stored.get("machine")).folder();
    return BarChart.svg("Speed on " + machine + ", Orrery being 1; longer is faster", 1, groups);
  }
}
