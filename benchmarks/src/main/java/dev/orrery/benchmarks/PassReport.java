package dev.orrery.benchmarks;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.backend.Backend;
import dev.orrery.model.Families;
import dev.orrery.model.family.ModelFolder;
import dev.orrery.model.session.WorldSession;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * What a pass of a model takes beside the products of matrices and the convolutions in it: plays
 * one chunk, takes that of the passes that compute most which took the least, and then computes
 * each of its products and convolutions alone, as benchmarks do. Stores {@code
 * benchmarks/results/cpu/passes.json} and writes {@code docs/performance.md} anew.
 */
public final class PassReport {
  /** Where results are stored. */
  static final String FILE = "passes.json";

  private static final int RUNS = 5;

  private PassReport() {}

  /**
   * What the launches of a kernel took, of any shapes or of one.
   *
   * @param shape of its tensors; empty for all
   * @param inPass what they took in the pass
   * @param alone what the same took when nothing else ran; none if it was not computed alone
   */
  private record Kind(
      String kernel, String shape, int calls, double operations, Spent inPass, Spent alone) {
    static Kind of(String shape, List<TimedBackend.Launch> same, Spent alone) {
      TimedBackend.Launch first = same.getFirst();
      return new Kind(
          first.name(),
          shape,
          same.size(),
          same.stream().mapToDouble(TimedBackend.Launch::operations).sum(),
          same.stream().map(TimedBackend.Launch::spent).reduce(Spent.NONE, Spent::plus),
          alone);
    }

    String json() {
      return String.format(
          Locale.ROOT,
          "    {\"kernel\": \"%s\", \"shape\": \"%s\", \"calls\": %d, \"operations\": %.0f,"
              + " %s}",
          kernel,
          shape,
          calls,
          operations,
          times(inPass, alone));
    }
  }

  private static String times(Spent inPass, Spent alone) {
    return String.format(
        Locale.ROOT,
        "\"milliseconds\": %.4f, \"processorMilliseconds\": %.4f,"
            + " \"aloneMilliseconds\": %.4f, \"aloneProcessorMilliseconds\": %.4f",
        inPass.nanoseconds() / 1e6,
        inPass.processor() / 1e6,
        alone.nanoseconds() / 1e6,
        alone.processor() / 1e6);
  }

  /**
   * Runs the report.
   *
   * @param args the root of the checkout, a model's folder, and the number of its steps
   */
  public static void main(String[] args) throws IOException {
    Path root = Path.of(args[0]);
    int threads = Runtime.getRuntime().availableProcessors();
    int steps = Integer.parseInt(args[2]);
    String json =
        run(Path.of(args[1]), steps, RUNS, CpuBackend.simd(threads), Machine.here(threads));
    Path results = Files.createDirectories(root.resolve(PerformancePage.RESULTS));
    Files.writeString(results.resolve(FILE), json);
    PerformancePage.write(root);
  }

  /**
   * Plays a model and returns the results as JSON.
   *
   * @param runs how often each product and convolution is repeated alone
   * @param computing is closed then
   */
  static String run(Path folder, int steps, int runs, Backend computing, Machine machine)
      throws IOException {
    ModelFolder opened = Families.ALL.open(folder).withSteps(steps);
    List<TimedBackend.Batch> batches = new ArrayList<>();
    TimedBackend backend = new TimedBackend(computing, batches::add);
    try (OpenedModel model = OpenedModel.open(opened, folder, backend, OpenedModel.SEED);
        WorldSession session = model.start()) {
      model.step(session);
      double most =
          batches.stream().mapToDouble(TimedBackend.Batch::operations).max().orElseThrow();
      TimedBackend.Batch pass =
          batches.stream()
              .filter(batch -> batch.operations() == most)
              .min(Comparator.comparingLong(batch -> batch.spent().processor()))
              .orElseThrow();
      return json(opened.description(), machine, pass, runs);
    }
  }

  private static String json(String model, Machine machine, TimedBackend.Batch pass, int runs) {
    List<Kind> shapes = new ArrayList<>();
    by(pass, launch -> launch.name() + launch.shape())
        .forEach(
            (key, same) ->
                shapes.add(
                    Kind.of(same.getFirst().shape(), same, alone(same, runs).times(same.size()))));
    List<Kind> kernels = new ArrayList<>();
    by(pass, TimedBackend.Launch::name)
        .forEach((name, same) -> kernels.add(Kind.of("", same, aloneOf(name, shapes))));
    Spent alone = shapes.stream().map(Kind::alone).reduce(Spent.NONE, Spent::plus);
    return String.format(
        Locale.ROOT,
        "{\n  \"machine\": %s,\n  \"model\": \"%s\",\n  \"operations\": %.0f,\n"
            + "  %s,\n"
            + "  \"kernels\": [\n%s\n  ],\n  \"shapes\": [\n%s\n  ]\n}\n",
        machine.json(),
        model,
        pass.operations(),
        times(pass.spent(), alone),
        rows(kernels),
        rows(shapes));
  }

  private static Spent aloneOf(String kernel, List<Kind> shapes) {
    return shapes.stream()
        .filter(kind -> kind.kernel().equals(kernel))
        .map(Kind::alone)
        .reduce(Spent.NONE, Spent::plus);
  }

  private static String rows(List<Kind> kinds) {
    return kinds.stream()
        .sorted(Comparator.comparingLong((Kind kind) -> kind.inPass().processor()).reversed())
        .map(Kind::json)
        .collect(Collectors.joining(",\n"));
  }

  private static Map<String, List<TimedBackend.Launch>> by(
      TimedBackend.Batch pass, Function<TimedBackend.Launch, String> key) {
    return pass.launches().stream()
        .collect(Collectors.groupingBy(key, LinkedHashMap::new, Collectors.toList()));
  }

  /** The fastest of some repetitions of the first launch; nothing if it does not multiply. */
  private static Spent alone(List<TimedBackend.Launch> same, int runs) {
    TimedBackend.Launch launch = same.getFirst();
    if (!launch.multiplies()) {
      return Spent.NONE;
    }
    Spent fastest = Spent.on(launch::again);
    for (int run = 1; run < runs; run++) {
      fastest = fastest.least(Spent.on(launch::again));
    }
    return fastest;
  }
}
