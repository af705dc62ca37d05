package dev.orrery.benchmarks;

import dev.orrery.model.session.Action;
import dev.orrery.model.session.WorldSession;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * One model that is played for long in a process of its own, with random actions. Again and again
 * its world is saved and resumed, and both have to go on with the same bytes; then worlds are
 * opened and closed.
 */
final class Soak {
  private static final long SEED = 18;

  /** Caches are full; memory is measured from here on. */
  private static final int SETTLED = 50;

  /** Another world is played before: Java compiles code for seconds. */
  private static final long WARMING = TimeUnit.SECONDS.toNanos(15);

  /** Memory is measured after as many chunks, and some twenty times. */
  private static final int MEASURED_EVERY = 50;

  private static final int LEAST_MEASURED = 20;

  /** The world is saved and resumed after as many, and at least four times. */
  private static final int RESUMED_EVERY = 500;

  private static final int LEAST_RESUMED = 4;

  /** Bytes of Java objects that a world with a camera keeps of every chunk: its poses. */
  private static final long REMEMBERED = 1500;

  /** Threads of a pool that was told to end may be on their way for as long. */
  private static final long PATIENCE = TimeUnit.SECONDS.toNanos(10);

  private final OpenedModel model;
  private final RandomActions actions;
  private final Path temporary;
  private final List<MemoryInUse> memory = new ArrayList<>();
  private final List<Integer> differing = new ArrayList<>();
  private int resumed;
  private double others;
  private long remembered;

  private Soak(OpenedModel model, Path temporary) {
    this.model = model;
    this.temporary = temporary;
    actions = new RandomActions(model.model().actionSpace(), SEED);
  }

  /**
   * Runs in the process, whose folder for temporary files is empty.
   *
   * @param args the folder of the model, the file to write to, the number of chunks, and of
   *     sessions to open and close
   */
  public static void main(String[] args) throws IOException {
    SoakResult result =
        run(
            args[0],
            Runtime.getRuntime().availableProcessors(),
            Integer.parseInt(args[2]),
            Integer.parseInt(args[3]),
            System.out::println);
    Files.writeString(Path.of(args[1]), result.json());
  }

  /**
   * Plays.
   *
   * @param chunks how many
   * @param sessions that are opened and closed then
   * @param progress is told how far it is
   */
  static SoakResult run(
      String folder, int threads, int chunks, int sessions, Consumer<String> progress)
      throws IOException {
    Path temporary = Path.of(System.getProperty("java.io.tmpdir"));
    // What Java loads when it is first needed stays.
    try (OpenedModel model = OpenedModel.open(folder, threads)) {
      new Soak(model, temporary).warm();
      MemoryInUse.now();
    }
    Holdings before = Holdings.now();
    SoakResult result;
    try (OpenedModel model = OpenedModel.open(folder, threads)) {
      Soak soak = new Soak(model, temporary);
      List<Double> milliseconds = soak.play(chunks, progress);
      MemoryInUse opened = soak.open(1);
      MemoryInUse closed = soak.open(sessions);
      result =
          new SoakResult(
              model.model().description(),
              chunks,
              soak.resumed,
              List.copyOf(soak.differing),
              List.copyOf(soak.memory),
              List.of(opened, closed),
              milliseconds,
              soak.others,
              soak.remembered,
              List.of());
    }
    return result.leaving(left(before));
  }

  private void warm() throws IOException {
    long began = System.nanoTime();
    try (WorldSession session = resumed(next(model.start()))) {
      while (System.nanoTime() - began < WARMING) {
        next(session);
      }
    }
  }

  /**
   * Plays one world.
   *
   * @return what every chunk of the second half took, but for those that follow a measurement or a
   *     resumption
   */
  private List<Double> play(int chunks, Consumer<String> progress) throws IOException {
    // Asked for at once, for this is an object of this process too.
    double[] times = new double[chunks];
    int timed = 0;
    int resumedEvery = Math.clamp(chunks / LEAST_RESUMED, 1, RESUMED_EVERY);
    int measuredEvery = Math.clamp(chunks / LEAST_MEASURED, 1, MEASURED_EVERY);
    OtherPrograms running = new OtherPrograms();
    WorldSession session = model.start();
    try {
      boolean disturbed = true;
      while (session.chunk() < chunks) {
        List<Action> next = actions.next(session.nextFrames());
        long began = System.nanoTime();
        session.step(next);
        double milliseconds = (System.nanoTime() - began) / 1e6;
        int chunk = session.chunk();
        if (chunk > chunks / 2 && !disturbed) {
          times[timed++] = milliseconds;
        }
        if (chunk == chunks / 2) {
          running.share();
        }
        boolean measured = chunk >= SETTLED && chunk % measuredEvery == 0;
        disturbed = measured || chunk % resumedEvery == 0;
        if (measured) {
          memory.add(MemoryInUse.now());
        }
        if (chunk % resumedEvery == 0) {
          progress.accept(
              String.format(
                  Locale.ROOT,
                  "  %d of %d chunks, %.0f MB",
                  chunk,
                  chunks,
                  memory.isEmpty() ? 0 : memory.getLast().rest() / 1e6));
          session = resumed(session);
        }
      }
      others = running.share();
      if (session.cameraPath().isPresent()) {
        remembered = (long) chunks * REMEMBERED;
      }
    } finally {
      session.close();
    }
    return Arrays.stream(times, 0, timed).boxed().toList();
  }

  private WorldSession next(WorldSession session) {
    session.step(actions.next(session.nextFrames()));
    return session;
  }

  /** Closes a session and returns one that goes on from its file, which was compared with it. */
  private WorldSession resumed(WorldSession session) throws IOException {
    Path file = temporary.resolve("session.safetensors");
    session.save(file);
    WorldSession other = model.resume(file);
    Files.delete(file);
    try (session) {
      List<Action> next = actions.next(session.nextFrames());
      if (!Arrays.equals(session.step(next).rgb(), other.step(next).rgb())) {
        differing.add(session.chunk());
      }
    }
    resumed++;
    return other;
  }

  /** Opens and closes worlds one after the other, and returns what is in use then. */
  private MemoryInUse open(int sessions) {
    for (int i = 0; i < sessions; i++) {
      try (WorldSession session = model.start()) {
        next(session);
      }
    }
    return MemoryInUse.now();
  }

  private static List<String> left(Holdings before) throws IOException {
    long end = System.nanoTime() + PATIENCE;
    List<String> left = Holdings.now().without(before);
    while (!left.isEmpty() && System.nanoTime() < end) {
      Thread.onSpinWait();
      left = Holdings.now().without(before);
    }
    return left;
  }
}
