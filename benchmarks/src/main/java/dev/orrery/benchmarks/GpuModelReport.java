package dev.orrery.benchmarks;

import dev.orrery.kernels.CudaBackend;
import dev.orrery.kernels.backend.Backend;
import dev.orrery.model.Families;
import dev.orrery.model.session.Action;
import dev.orrery.model.session.MemoryPlan;
import dev.orrery.model.session.Progress;
import dev.orrery.model.session.WorldModel;
import dev.orrery.model.session.WorldSession;
import dev.orrery.runtime.media.RgbImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/**
 * Plays the released Matrix-Game 2.0 with random weights on a GPU: frames a second, the time to the
 * first frames, memory, and where the time of a chunk goes.
 */
public final class GpuModelReport {
  private static final long SEED = 42;

  /** Chunks until the caches are full and every graph has been captured. */
  private static final int WARM_UP_CHUNKS = 5;

  private static final int MEASURED_CHUNKS = 12;

  private final WorldModel model;
  private final Backend backend;
  private final Action action;

  GpuModelReport(WorldModel model, Backend backend) {
    this.model = model;
    this.backend = backend;
    action = model.actionSpace().controls().action(Set.of("w"));
  }

  /**
   * Runs the report.
   *
   * @param args the root of the checkout, a folder for the model's files, which are written if it
   *     has none, and the file to write the results to
   */
  public static void main(String[] args) throws IOException {
    Path root = Path.of(args[0]);
    Path folder = Path.of(args[1]);
    if (!Files.exists(folder.resolve("config.json"))) {
      long from = System.nanoTime();
      ReleasedModel.write(root, folder);
      say("%.1f s to write random weights", seconds(from));
    }
    try (CudaBackend backend = CudaBackend.open(0)) {
      long empty = backend.device().freeMemory();
      long from = System.nanoTime();
      try (WorldModel model = Families.ALL.open(folder).load(backend, Progress.NONE)) {
        double load = seconds(from);
        long loaded = empty - backend.device().freeMemory();
        say("%.1f s to load %s", load, model.description());
        GpuModelReport report = new GpuModelReport(model, backend);
        Played cold = report.play(0, 1);
        Played played = report.play(WARM_UP_CHUNKS, MEASURED_CHUNKS);
        List<Stage> stages;
        long playing;
        int graphs;
        int graphsLater;
        try (WorldSession session = report.start()) {
          stages = report.stages(session, WARM_UP_CHUNKS, MEASURED_CHUNKS);
          playing = empty - backend.device().freeMemory();
          graphs = backend.device().stream().graphs();
          report.stages(session, 0, 1);
          graphsLater = backend.device().stream().graphs();
        }
        say("%d graphs were captured, %d with one more chunk", graphs, graphsLater);
        MemoryPlan plan = Families.ALL.open(folder).plan(CudaBackend.planned());
        String json =
            json(
                model.description(),
                backend.device().model(),
                played,
                cold,
                load,
                memory(plan, loaded, playing),
                stages);
        Files.writeString(Path.of(args[2]), json);
        System.out.print(json);
        if (graphsLater != graphs) {
          System.out.println("FAILED graphs: full caches need new ones for every chunk");
          System.exit(1);
        }
      }
    }
  }

  /**
   * How a session went.
   *
   * @param startSeconds from the image to a session that can be stepped
   * @param firstFrames frames of the first chunk
   * @param firstSeconds from the image to these
   * @param framesPerSecond of the measured chunks; 0 if there were none
   */
  record Played(
      double startSeconds, int firstFrames, double firstSeconds, double framesPerSecond) {}

  /** A part of a chunk's work and its median time. */
  record Stage(String name, double milliseconds) {}

  /** A new session; the image is a slope of colours. */
  WorldSession start() {
    int width = model.width();
    int height = model.height();
    byte[] rgb = new byte[3 * width * height];
    for (int i = 0; i < rgb.length; i++) {
      int pixel = i / 3;
      rgb[i] = (byte) (i % 3 == 0 ? 255 * (pixel % width) / width : 255 * pixel / (width * height));
    }
    return model.start(new RgbImage(width, height, rgb), SEED, Progress.NONE);
  }

  /**
   * Plays a new session, chunks being decoded while the next ones are made.
   *
   * @param warmUp chunks before the clock starts
   * @param measured chunks that are measured; the last one of the warm-up starts the clock
   */
  Played play(int warmUp, int measured) {
    List<Integer> framesUpTo = new ArrayList<>();
    for (int chunk = 0; chunk < warmUp + measured; chunk++) {
      framesUpTo.add(model.framesOfChunk(chunk) + (chunk == 0 ? 0 : framesUpTo.getLast()));
    }
    long from = System.nanoTime();
    List<Long> times = new ArrayList<>();
    AtomicInteger frames = new AtomicInteger();
    double started;
    try (WorldSession session = start()) {
      backend.synchronize();
      started = seconds(from);
      session.rollout(
          frame -> action,
          framesUpTo.getLast(),
          Progress.NONE,
          made -> {
            if (frames.addAndGet(made.count()) == framesUpTo.get(times.size())) {
              times.add(System.nanoTime());
            }
          });
    }
    double rate = 0;
    if (warmUp > 0) {
      int made = framesUpTo.getLast() - framesUpTo.get(warmUp - 1);
      rate = 1e9 * made / (times.getLast() - times.get(warmUp - 1));
    }
    return new Played(started, framesUpTo.getFirst(), (times.getFirst() - from) / 1e9, rate);
  }

  /** What the parts of a chunk take one after the other, each waited for. */
  List<Stage> stages(WorldSession session, int warmUp, int measured) {
    List<ChunkStages> chunks = new ArrayList<>();
    for (int chunk = 0; chunk < warmUp + measured; chunk++) {
      ChunkStages made =
          ChunkStages.of(session, Collections.nCopies(session.nextFrames(), action), backend);
      if (chunk >= warmUp) {
        chunks.add(made);
      }
    }
    List<Stage> stages = new ArrayList<>();
    stages.add(stage("conditioning", chunks, ChunkStages::conditioning));
    for (int i = 0; i < chunks.getFirst().passes().size(); i++) {
      int pass = i;
      stages.add(stage("denoising pass " + (i + 1), chunks, made -> made.passes().get(pass)));
    }
    stages.add(stage("decoding", chunks, ChunkStages::decoding));
    stages.add(stage("completing", chunks, ChunkStages::completing));
    return stages;
  }

  private static Stage stage(
      String name, List<ChunkStages> chunks, ToDoubleFunction<ChunkStages> part) {
    return new Stage(name, Spread.of(chunks, part).median());
  }

  private static String memory(MemoryPlan plan, long loaded, long playing) {
    return String.format(
        Locale.ROOT,
        "{\"plannedLoaded\": %d, \"loaded\": %d, \"plannedPlaying\": %d, \"playing\": %d}",
        plan.copiedWeights(),
        loaded,
        plan.copiedWeights() + plan.session() + plan.workspace(),
        playing);
  }

  /** Results as they are stored; times are seconds but for the stages, memory is bytes. */
  static String json(
      String model,
      String device,
      Played played,
      Played cold,
      double load,
      String memory,
      List<Stage> stages) {
    String rows =
        stages.stream()
            .map(
                stage ->
                    String.format(
                        Locale.ROOT,
                        "    {\"stage\": \"%s\", \"milliseconds\": %.3f}",
                        stage.name(),
                        stage.milliseconds()))
            .collect(Collectors.joining(",\n"));
    return String.format(
        Locale.ROOT,
        "{\n  \"model\": \"%s\",\n  \"device\": \"%s\",\n  \"framesPerSecond\": %.2f,\n"
            + "  \"loadSeconds\": %.3f,\n  \"coldFirstSeconds\": %.3f,\n"
            + "  \"startSeconds\": %.3f,\n  \"firstSeconds\": %.3f,\n  \"firstFrames\": %d,\n"
            + "  \"memory\": %s,\n  \"stages\": [\n%s\n  ]\n}\n",
        model,
        device,
        played.framesPerSecond(),
        load,
        cold.firstSeconds(),
        played.startSeconds(),
        played.firstSeconds(),
        played.firstFrames(),
        memory,
        rows);
  }

  private static double seconds(long from) {
    return (System.nanoTime() - from) / 1e9;
  }

  private static void say(String format, Object... values) {
    System.out.printf(Locale.ROOT, format + "%n", values);
  }
}
