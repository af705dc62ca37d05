package dev.orrery.benchmarks;

import dev.orrery.runtime.checkpoint.JsonText;
import dev.orrery.runtime.checkpoint.JsonValue;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/** Plays models for long, each in a process of its own, and tells which rules were broken. */
final class SoakReport {
  /** The file of a machine's results. */
  static final String FILE = "soak.json";

  /** How many chunks of the demo world. */
  static final int CHUNKS = 20_000;

  /** How many of each tiny model, if there are to be as many of the demo world. */
  private static final int CHUNKS_OF_TINY = 2_000;

  private static final int SESSIONS = 100;

  private final OwnProcess process;
  private final Consumer<String> progress;

  /**
   * @param temporary a folder for what the processes write
   * @param progress is told how far it is
   */
  SoakReport(Path temporary, Consumer<String> progress) {
    process = new OwnProcess(Soak.class, MemoryInUse.OPTIONS, temporary, progress);
    this.progress = progress;
  }

  /**
   * Plays and writes a file as a whole.
   *
   * @param folders the demo world, then the others
   * @param chunks of the demo world
   * @return the rules that were broken
   */
  List<String> run(List<Path> folders, int chunks, Machine machine, String commit, Path file)
      throws IOException {
    List<String> results = new ArrayList<>();
    List<String> broken = new ArrayList<>();
    for (Path folder : folders) {
      String name = folder.toAbsolutePath().getFileName().toString();
      progress.accept(name);
      int of = results.isEmpty() ? chunks : Math.min(chunks, CHUNKS_OF_TINY);
      String result = process.run(folder, Integer.toString(of), Integer.toString(SESSIONS));
      results.add(
          JsonText.of(
              out -> {
                out.writeStringField("name", name);
                out.writeFieldName("result");
                out.writeRawValue(result);
              }));
      JsonValue read = JsonValue.parse("results", result.getBytes(StandardCharsets.UTF_8));
      progress.accept(line(read));
      read.get("broken").asList().forEach(rule -> broken.add(name + ": " + rule.asString()));
    }
    EndToEndReport.write(machine, commit, "worlds", results, file);
    return broken;
  }

  private static String line(JsonValue result) {
    double others = result.number("others");
    return String.format(
        Locale.ROOT,
        "  resumed %d times, p50 %.2f p99 %.2f ms%s",
        result.integer("resumed"),
        result.number("p50"),
        result.number("p99"),
        others > SoakResult.BUSY
            ? String.format(
                Locale.ROOT,
                ", which is not judged: other programs had %.0f %% of the processors",
                100 * others)
            : "");
  }
}
