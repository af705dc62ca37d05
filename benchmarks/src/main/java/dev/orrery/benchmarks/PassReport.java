package dev.orrery.benchmarks;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.model.Families;
import dev.orrery.model.family.ModelFolder;
import dev.orrery.model.session.WorldSession;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
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
 * one chunk, takes the fastest of the passes that compute most, and then computes each of its
 * products and convolutions alone, as benchmarks do. Stores {@code
 * benchmarks/results/cpu/passes.json} and writes {@code docs/performance.md} anew.
 */
public final class PassReport {
  /** Where results are stored. */
  static final String FILE = "passes.json";

  private static final int RUNS = 3;
  private static final Duration ENOUGH = Duration.ofMillis(300);

  private PassReport() {}

  /**
   * What the launches of a kernel took, of any shapes or of one.
   *
   * @param shape of its tensors; empty for all
   * @param nanoseconds in the pass
   * @param alone what the same took when nothing else ran; 0 if it was not computed alone
   */
  private record Kind(
      String kernel, String shape, int calls, double operations, double nanoseconds, double alone) {
    static Kind of(String shape, List<TimedBackend.Launch> same, double alone) {
      TimedBackend.Launch first = same.getFirst();
      return new Kind(
          first.name(),
          shape,
          same.size(),
          same.stream().mapToDouble(TimedBackend.Launch::operations).sum(),
          same.stream().mapToDouble(TimedBackend.Launch::nanoseconds).sum(),
          alone);
    }

    String json() {
      return String.format(
          Locale.ROOT,
          "    {\"kernel\": \"%s\", \"shape\": \"%s\", \"calls\": %d, \"operations\": %.0f,"
              + " \"milliseconds\": %.4f, \"aloneMilliseconds\": %.4f}",
          kernel,
          shape,
          calls,
          operations,
          nanoseconds / 1e6,
          alone / 1e6);
    }
  }

  /**
   * Runs the report.
   *
   * @param args the root of the checkout, a model's folder, and the number of its steps
   */
  public static void main(String[] args) throws IOException {
    Path root = Path.of(args[0]);
    int threads = Runtime.getRuntime().availableProcessors();
    String json = run(Path.of(args[1]), Integer.parseInt(args[2]), threads, ENOUGH);
    Path results = Files.createDirectories(root.resolve(PerformancePage.RESULTS));
    Files.writeString(results.resolve(FILE), json);
    PerformancePage.write(root);
  }

  /**
   * Plays a model and returns the results as JSON.
   *
   * @param enough how long each product and convolution is at least repeated alone
   */
  static String run(Path folder, int steps, int threads, Duration enough) throws IOException {
    ModelFolder opened = Families.ALL.open(folder).withSteps(steps);
    List<TimedBackend.Batch> batches = new ArrayList<>();
    TimedBackend backend = new TimedBackend(CpuBackend.simd(threads), batches::add);
    try (OpenedModel model = OpenedModel.open(opened, folder, backend);
        WorldSession session = model.start()) {
      model.step(session);
      double most =
          batches.stream().mapToDouble(TimedBackend.Batch::operations).max().orElseThrow();
      TimedBackend.Batch pass =
          batches.stream()
              .filter(batch -> batch.operations() == most)
              .min(Comparator.comparingLong(TimedBackend.Batch::nanoseconds))
              .orElseThrow();
      return json(opened.description(), threads, pass, enough);
    }
  }

  private static String json(String model, int threads, TimedBackend.Batch pass, Duration enough)
      throws IOException {
    List<Kind> shapes = new ArrayList<>();
    by(pass, launch -> launch.name() + launch.shape())
        .forEach(
            (key, same) ->
                shapes.add(
                    Kind.of(same.getFirst().shape(), same, same.size() * alone(same, enough))));
    List<Kind> kernels = new ArrayList<>();
    by(pass, TimedBackend.Launch::name)
        .forEach((name, same) -> kernels.add(Kind.of("", same, aloneOf(name, shapes))));
    double alone = shapes.stream().mapToDouble(Kind::alone).sum();
    return String.format(
        Locale.ROOT,
        "{\n  \"machine\": %s,\n  \"model\": \"%s\",\n  \"operations\": %.0f,\n"
            + "  \"milliseconds\": %.4f,\n  \"aloneMilliseconds\": %.4f,\n"
            + "  \"kernels\": [\n%s\n  ],\n  \"shapes\": [\n%s\n  ]\n}\n",
        Machine.here(threads).json(),
        model,
        pass.operations(),
        pass.nanoseconds() / 1e6,
        alone / 1e6,
        rows(kernels),
        rows(shapes));
  }

  private static double aloneOf(String kernel, List<Kind> shapes) {
    return shapes.stream()
        .filter(kind -> kind.kernel().equals(kernel))
        .mapToDouble(Kind::alone)
        .sum();
  }

  private static String rows(List<Kind> kinds) {
    return kinds.stream()
        .sorted(Comparator.comparingDouble(Kind::nanoseconds).reversed())
        .map(Kind::json)
        .collect(Collectors.joining(",\n"));
  }

  private static Map<String, List<TimedBackend.Launch>> by(
      TimedBackend.Batch pass, Function<TimedBackend.Launch, String> key) {
    return pass.launches().stream()
        .collect(Collectors.groupingBy(key, LinkedHashMap::new, Collectors.toList()));
  }

  /** The fastest of some repetitions of the first launch; 0 if it does not multiply. */
  private static double alone(List<TimedBackend.Launch> same, Duration enough) {
    TimedBackend.Launch launch = same.getFirst();
    if (!launch.multiplies()) {
      return 0;
    }
    long fastest = Long.MAX_VALUE;
    long spent = 0;
    for (int run = 0; run < RUNS || spent < enough.toNanos(); run++) {
      long start = System.nanoTime();
      launch.again();
      long nanoseconds = System.nanoTime() - start;
      fastest = Math.min(fastest, nanoseconds);
      spent += nanoseconds;
    }
    return fastest;
  }
}
