package dev.orrery.benchmarks;

import dev.orrery.kernels.CudaBackend;
import dev.orrery.kernels.backend.Kernel;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.cuda.CudaDevice;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.session.LatentDecoder;
import dev.orrery.runtime.checkpoint.Quantization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Measures the launches of released models on a GPU beside what {@link CudaCost} predicts of them.
 * Nobody needs to have the models: their launches are planned. A launch is named before it is made,
 * so that the last line of a log tells which one hangs.
 */
public final class GpuLaunchReport implements AutoCloseable {
  /** Launches that together take less of a chunk are not measured. */
  private static final double NEGLIGIBLE = 0.01;

  /** Once this is over, what is left is not measured. */
  private final long deadline;

  private final CudaBackend backend;
  private final CudaCost costs;
  private final RandomValues random;
  private final GpuStopwatch.Effort effort;
  private final GpuStopwatch stopwatch;
  private final Map<String, Double> seconds = new LinkedHashMap<>();

  /** A released model, and how its weights are quantised; null where they are bf16. */
  private record Model(String family, Quantization form, LatentDecoder decoder) {
    Model(String family, Quantization form) {
      this(family, form, LatentDecoder.VAE);
    }

    String weights() {
      return (form == null ? "bf16" : GpuCase.name(form))
          + (decoder == LatentDecoder.VAE ? "" : " with " + decoder.id());
    }
  }

  /** The one with the largest shapes first. */
  private static final List<Model> MODELS =
      List.of(
          new Model("worldplay-wan5b", null),
          new Model("matrix-game-2", null),
          new Model("worldplay-wan5b", Quantization.INT8),
          new Model("worldplay-wan5b", Quantization.FP8),
          new Model("matrix-game-2", Quantization.INT8),
          new Model("worldplay-wan5b", Quantization.INT8, LatentDecoder.TAEHV));

  /**
   * A report that closes its backend.
   *
   * @param mostSeconds after which nothing more is measured
   */
  GpuLaunchReport(
      CudaBackend backend, CudaCost costs, GpuStopwatch.Effort effort, double mostSeconds) {
    this.backend = backend;
    this.costs = costs;
    random = new RandomValues(backend);
    this.effort = effort;
    stopwatch = new GpuStopwatch(backend, effort);
    deadline = System.nanoTime() + (long) Math.min(1e9 * mostSeconds, Long.MAX_VALUE / 2);
  }

  /**
   * Runs the report.
   *
   * @param args {@code --once} and the root of a checkout: makes each launch of {@link
   *     GpuQuestions} once, for a profiler; {@code --questions}, the root, files for the results of
   *     these launches and of {@link GpuOverlap}, and after how many seconds to stop; or the root,
   *     the file to write the results to, and after how many seconds to stop
   */
  public static void main(String[] args) throws IOException {
    switch (args[0]) {
      case "--once" -> {
        try (GpuLaunchReport report = open(Path.of(args[1]), Double.MAX_VALUE)) {
          report.once(GpuQuestions.launches());
        }
      }
      case "--questions" -> {
        try (GpuLaunchReport report = open(Path.of(args[1]), Double.parseDouble(args[4]))) {
          String chunk = report.chunk("questions", "bf16", GpuQuestions.launches());
          Files.writeString(Path.of(args[2]), json(List.of(chunk)));
          List<PlannedLaunch> game = FamilyLaunches.onGpu("matrix-game-2", null).launches();
          Files.writeString(Path.of(args[3]), report.overlaps(GpuOverlap.pairs(game)));
        }
      }
      default -> {
        try (GpuLaunchReport report = open(Path.of(args[0]), Double.parseDouble(args[2]))) {
          report.models(Path.of(args[1]));
        }
      }
    }
  }

  private static GpuLaunchReport open(Path root, double mostSeconds) {
    CudaCost costs = new CudaCost(root);
    CudaBackend backend = CudaBackend.open(0);
    return new GpuLaunchReport(backend, costs, GpuStopwatch.Effort.FULL, mostSeconds);
  }

  /** The results are written after each model: what a report that is stopped has shall be there. */
  private void models(Path out) throws IOException {
    List<String> chunks = new ArrayList<>();
    for (Model model : MODELS) {
      FamilyLaunches.Chunk chunk =
          FamilyLaunches.onGpu(model.family(), model.form(), model.decoder());
      chunks.add(chunk(model.family(), model.weights(), chunk));
      Files.writeString(out, json(chunks));
    }
  }

  private void once(FamilyLaunches.Chunk chunk) {
    for (PlannedLaunch launch : chunk.launches()) {
      System.out.println(launch.name());
      try (TensorArena arena = backend.newArena()) {
        call(launch, arena).run();
        backend.synchronize();
      }
    }
  }

  /**
   * Launches that are the same.
   *
   * @param cost of one of them
   */
  private record Kind(PlannedLaunch launch, int calls, LaunchCost cost) {
    String name() {
      return launch.name();
    }

    double predictedSeconds() {
      return calls * cost.seconds();
    }
  }

  /**
   * Measures a chunk, its longest launches first.
   *
   * @param weights the type of the transformer's
   * @return its part of the results
   */
  String chunk(String model, String weights, FamilyLaunches.Chunk chunk) {
    System.out.printf(Locale.ROOT, "== %s, %s%n", model, weights);
    List<Kind> kinds = kinds(chunk);
    double rest = kinds.stream().mapToDouble(Kind::predictedSeconds).sum();
    double negligible = NEGLIGIBLE * rest;
    for (Kind kind : kinds) {
      if (rest < negligible || System.nanoTime() > deadline) {
        break;
      }
      seconds.computeIfAbsent(kind.name(), name -> measure(kind));
      rest -= kind.predictedSeconds();
    }
    return json(model, weights, chunk.frames(), kinds);
  }

  /**
   * Measures pairs of launches, with kernels that overlap and with ones that do not.
   *
   * @return the results
   */
  String overlaps(List<GpuOverlap> pairs) {
    System.out.println("== kernels that overlap, and one after the other");
    CudaDevice device = backend.device().oneAfterTheOther();
    try (GpuLaunchReport other =
        new GpuLaunchReport(CudaBackend.on(device), costs, effort, Double.MAX_VALUE)) {
      return json(pairs.stream().map(pair -> overlap(pair, other)).toList());
    }
  }

  private String overlap(GpuOverlap pair, GpuLaunchReport other) {
    System.out.printf(Locale.ROOT, "%-100s ", pair.name());
    System.out.flush();
    String row = pair.json(microseconds(pair), other.microseconds(pair));
    System.out.println(row);
    return row;
  }

  /** Of both launches together. */
  private double microseconds(GpuOverlap pair) {
    return stopwatch.microseconds(
        pair.first().bytes() + pair.second().bytes(),
        costs.of(pair.first()).seconds() + costs.of(pair.second()).seconds(),
        arena -> {
          Runnable first = call(pair.first(), arena);
          Runnable second = call(pair.second(), arena);
          return () -> {
            first.run();
            second.run();
          };
        });
  }

  private List<Kind> kinds(FamilyLaunches.Chunk chunk) {
    Map<String, List<PlannedLaunch>> byName =
        chunk.launches().stream()
            .collect(
                Collectors.groupingBy(
                    PlannedLaunch::name, LinkedHashMap::new, Collectors.toList()));
    return byName.values().stream()
        .map(same -> new Kind(same.getFirst(), same.size(), costs.of(same.getFirst())))
        .sorted(Comparator.comparing(Kind::predictedSeconds).reversed())
        .toList();
  }

  /** A launch that fails does not stop the others; its time is no number. */
  private double measure(Kind kind) {
    System.out.printf(Locale.ROOT, "%-100s ", kind.name());
    System.out.flush();
    double predicted = 1e6 * kind.cost().seconds();
    try {
      double time =
          stopwatch.microseconds(
              kind.launch().bytes(), 1e-6 * predicted, arena -> call(kind.launch(), arena));
      System.out.printf(
          Locale.ROOT,
          "%9.1f us, predicted %9.1f, ratio %.2f%n",
          time,
          predicted,
          time / predicted);
      return 1e-6 * time;
    } catch (RuntimeException | OutOfMemoryError e) {
      System.out.println("FAILED: " + e);
      return Double.NaN;
    }
  }

  private Runnable call(PlannedLaunch launch, TensorArena arena) {
    Kernel kernel = backend.kernel(launch.contract());
    return launch.on(kernel, planned -> filled(planned, arena));
  }

  /** Rows that are numbers of rows are all the first one. */
  private Tensor filled(Tensor planned, TensorArena arena) {
    Tensor tensor = arena.empty(planned.dtype(), planned.shape().extents());
    if (planned.dtype() != DType.I32) {
      random.fill(tensor);
    }
    return tensor;
  }

  private static String json(List<String> chunks) {
    return chunks.stream().collect(Collectors.joining(",\n", "[\n", "\n]\n"));
  }

  private boolean isMeasured(Kind kind) {
    return !seconds.getOrDefault(kind.name(), Double.NaN).isNaN();
  }

  /** Measured over predicted. */
  private double ratio(Kind kind) {
    return seconds.get(kind.name()) / kind.cost().seconds();
  }

  private boolean misses(Kind kind) {
    return Math.abs(ratio(kind) - 1) > ChunkCost.TOLERATED;
  }

  /**
   * What misses its prediction by more than {@link ChunkCost#TOLERATED} comes first. Frames a
   * second are of what was measured, and of predictions for the rest.
   */
  private String json(String model, String weights, int frames, List<Kind> kinds) {
    List<Kind> measured = kinds.stream().filter(this::isMeasured).toList();
    double predicted = kinds.stream().mapToDouble(Kind::predictedSeconds).sum();
    double covered = measured.stream().mapToDouble(Kind::predictedSeconds).sum();
    double took =
        measured.stream().mapToDouble(kind -> kind.calls() * seconds.get(kind.name())).sum();
    return String.format(
            Locale.ROOT,
            "{\"model\": \"%s\", \"weights\": \"%s\", \"predictedFramesPerSecond\": %.2f,"
                + " \"framesPerSecond\": %.2f, \"measuredShare\": %.3f, \"misses\": %d,"
                + " \"launches\": [\n",
            model,
            weights,
            frames / predicted,
            frames / (predicted - covered + took),
            covered / predicted,
            measured.stream().filter(this::misses).count())
        + measured.stream()
            .sorted(Comparator.comparing(kind -> !misses(kind)))
            .map(this::json)
            .collect(Collectors.joining(",\n"))
        + "\n]}";
  }

  private String json(Kind kind) {
    return String.format(
        Locale.ROOT,
        "  {\"launch\": \"%s\", \"kernel\": \"%s\", \"calls\": %d, \"microseconds\": %.2f,"
            + " \"predictedMicroseconds\": %.2f, \"ratio\": %.3f, \"bound\": \"%s\"}",
        kind.name(),
        kind.cost().kernel(),
        kind.calls(),
        1e6 * seconds.get(kind.name()),
        1e6 * kind.cost().seconds(),
        ratio(kind),
        kind.cost().bound());
  }

  @Override
  public void close() {
    random.close();
    backend.close();
  }
}
