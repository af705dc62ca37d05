package dev.orrery.benchmarks;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.orrery.kernels.backend.PlanningBackend;
import dev.orrery.model.Families;
import dev.orrery.model.session.MemoryPlan;
import dev.orrery.model.session.ResidentMemory;
import dev.orrery.model.session.WorldSession;
import dev.orrery.runtime.checkpoint.JsonText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * One model in a process that has just begun, as {@code ./orrery} would play it: how long its first
 * frames take to come, or what its chunks take in time and memory. Times are milliseconds, memory
 * is bytes.
 */
final class EndToEnd {
  /** Memory is measured after as many chunks. */
  static final int EVERY = 50;

  private static final int THREADS = Runtime.getRuntime().availableProcessors();

  private EndToEnd() {}

  /**
   * Runs in the process.
   *
   * @param args the folder of the model, the file to write to, and either when the process was
   *     started, in milliseconds of the clock, or how many chunks are played for how many seconds
   */
  public static void main(String[] args) throws IOException {
    long entered = System.currentTimeMillis();
    String json =
        args.length == 3
            ? first(args[0], THREADS, entered - Long.parseLong(args[2]))
            : played(args[0], THREADS, Integer.parseInt(args[2]), Integer.parseInt(args[3]));
    Files.writeString(Path.of(args[1]), json);
  }

  /**
   * The first frames.
   *
   * @param java what went by before the program began
   * @return what each part took, as a JSON object
   */
  static String first(String folder, int threads, long java) throws IOException {
    long began = System.nanoTime();
    try (OpenedModel model = OpenedModel.open(folder, threads)) {
      long loaded = System.nanoTime();
      try (WorldSession session = model.start()) {
        long started = System.nanoTime();
        model.step(session);
        long made = System.nanoTime();
        return JsonText.of(
            out -> {
              out.writeNumberField("java", java);
              number(out, "loading", (loaded - began) / 1e6);
              number(out, "starting", (started - loaded) / 1e6);
              number(out, "making", (made - started) / 1e6);
            });
      }
    }
  }

  /**
   * Many chunks; of their times those of the second half count.
   *
   * @param chunks how many, unless the time is over and there are two
   * @return a JSON object
   */
  static String played(String folder, int threads, int chunks, int seconds) throws IOException {
    MemoryPlan plan = Families.ALL.open(Path.of(folder)).plan(PlanningBackend.cpu());
    long java = ResidentMemory.bytes();
    List<ChunkStages> made = new ArrayList<>();
    List<Double> processor = new ArrayList<>();
    SortedMap<Integer, MemoryInUse> settled = new TreeMap<>();
    OtherPrograms running = new OtherPrograms();
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    try (OpenedModel model = OpenedModel.open(folder, threads);
        WorldSession session = model.start()) {
      while (made.size() < chunks && (made.size() < 2 || System.nanoTime() < end)) {
        Spent spent = Spent.on(() -> made.add(chunk(model, session)));
        processor.add(spent.processor() / 1e6);
        if (made.size() % EVERY == 0) {
          settled.put(made.size(), MemoryInUse.now());
        }
      }
      double others = running.share();
      long peak = ResidentMemory.peakBytes();
      settled.put(made.size(), MemoryInUse.now());
      int half = made.size() / 2;
      List<ChunkStages> counted = made.subList(half, made.size());
      List<Double> ofHalf = processor.subList(half, made.size());
      Spread total = Spread.of(counted, ChunkStages::total);
      return JsonText.of(
          out -> {
            out.writeStringField("model", model.model().description());
            out.writeNumberField("frames", model.model().framesOfChunk(1));
            out.writeNumberField("chunks", made.size());
            number(out, "p50", total.median());
            number(out, "p99", total.quantile(0.99));
            number(out, "processor", Spread.of(ofHalf, it -> it).median());
            out.writeNumberField("passes", counted.getFirst().passes().size());
            number(out, "conditioning", Spread.of(counted, ChunkStages::conditioning).median());
            number(out, "denoising", Spread.of(counted, ChunkStages::denoising).median());
            number(out, "decoding", Spread.of(counted, ChunkStages::decoding).median());
            number(out, "completing", Spread.of(counted, ChunkStages::completing).median());
            number(out, "others", others);
            out.writeNumberField("plannedBytes", java + plan.playing());
            out.writeNumberField("peakBytes", peak);
            out.writeNumberField("codeBytes", settled.get(made.size()).code());
            out.writeObjectFieldStart("settledBytes");
            for (var after : settled.entrySet()) {
              out.writeNumberField(after.getKey().toString(), after.getValue().rest());
            }
            out.writeEndObject();
          });
    }
  }

  private static ChunkStages chunk(OpenedModel model, WorldSession session) {
    return ChunkStages.of(
        session, Collections.nCopies(session.nextFrames(), model.held()), model.backend());
  }

  private static void number(JsonGenerator out, String name, double value) throws IOException {
    out.writeNumberField(name, Math.round(1000 * value) / 1000.0);
  }
}
