package dev.orrery.benchmarks;

import dev.orrery.runtime.checkpoint.JsonText;
import dev.orrery.runtime.checkpoint.JsonValue;
import dev.orrery.runtime.files.PendingOutput;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * Plays models end to end, each in processes of its own: some that end with the first frames, and
 * one that plays on.
 */
final class EndToEndReport {
  /** The file of a machine's results. */
  static final String FILE = "end-to-end.json";

  /**
   * How much is measured.
   *
   * @param beginnings processes that end with the first frames
   * @param chunks of the one that plays on
   * @param seconds after which it makes no more of them
   */
  record Effort(int beginnings, int chunks, int seconds) {
    /** Ten seconds for a tiny model, at most six minutes for any other but the slowest. */
    static final Effort FULL = new Effort(3, 500, 300);
  }

  private final Effort effort;
  private final OwnProcess first;
  private final OwnProcess played;
  private final Consumer<String> progress;

  /**
   * @param temporary a folder for what the processes write
   * @param progress is told every model that was measured, in one line
   */
  EndToEndReport(Effort effort, Path temporary, Consumer<String> progress) {
    this.effort = effort;
    first = new OwnProcess(EndToEnd.class, List.of(), temporary, progress);
    played = new OwnProcess(EndToEnd.class, MemoryInUse.OPTIONS, temporary, progress);
    this.progress = progress;
  }

  /** Measures models and writes a file as a whole. */
  void run(List<Path> folders, Machine machine, String commit, Path file) throws IOException {
    List<String> models = new ArrayList<>();
    for (Path folder : folders) {
      models.add(model(folder));
    }
    write(machine, commit, "models", models, file);
  }

  /** Writes results of models, which are JSON objects, as a whole. */
  static void write(Machine machine, String commit, String name, List<String> models, Path file)
      throws IOException {
    String json =
        JsonText.of(
                out -> {
                  out.writeFieldName("machine");
                  out.writeRawValue(machine.json());
                  out.writeStringField("commit", commit);
                  out.writeFieldName(name);
                  out.writeRawValue("[" + String.join(",\n", models) + "]");
                })
            + "\n";
    Files.createDirectories(file.toAbsolutePath().getParent());
    PendingOutput.write(file, to -> Files.writeString(to, json));
  }

  private String model(Path folder) throws IOException {
    List<String> beginnings = new ArrayList<>();
    for (int i = 0; i < effort.beginnings(); i++) {
      beginnings.add(first.run(folder, Long.toString(System.currentTimeMillis())));
    }
    String chunks =
        played.run(folder, Integer.toString(effort.chunks()), Integer.toString(effort.seconds()));
    String json =
        JsonText.of(
            out -> {
              out.writeStringField("name", folder.toAbsolutePath().getFileName().toString());
              out.writeFieldName("first");
              out.writeRawValue("[" + String.join(",\n", beginnings) + "]");
              out.writeFieldName("played");
              out.writeRawValue(chunks);
            });
    progress.accept(line(JsonValue.parse("results", json.getBytes(StandardCharsets.UTF_8))));
    return json;
  }

  private static String line(JsonValue model) {
    JsonValue played = model.get("played");
    return String.format(
        Locale.ROOT,
        "%s: first frames after %.2f s, then %.1f frames/s, a chunk p50 %.1f p99 %.1f ms, %.0f MB",
        model.string("name"),
        EndToEndPage.firstFrames(model) / 1e3,
        EndToEndPage.framesPerSecond(played),
        played.number("p50"),
        played.number("p99"),
        played.number("peakBytes") / 1e6);
  }
}
