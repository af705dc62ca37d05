package dev.orrery.benchmarks;

import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.runtime.checkpoint.JsonText;
import dev.orrery.runtime.checkpoint.JsonValue;
import dev.orrery.runtime.files.PendingOutput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What {@code ./bench} measured on a machine.
 *
 * @param commit of the sources; empty where they are in no repository
 * @param cases in the order in which they were measured, each once
 */
record BenchResults(Machine machine, String commit, List<BenchCase> cases) {
  /**
   * Reads a file of results.
   *
   * @throws CheckpointException with the file and the key, if it is none
   */
  static BenchResults read(Path file) {
    JsonValue stored = JsonValue.read(file);
    List<BenchCase> cases = stored.get("cases").asList().stream().map(BenchCase::of).toList();
    if (cases.isEmpty()) {
      throw stored.get("cases").unexpected("at least one case");
    }
    BenchResults results =
        new BenchResults(Machine.of(stored.get("machine")), stored.string("commit", ""), cases);
    if (results.byId().size() < cases.size()) {
      throw stored.get("cases").unexpected("every case once");
    }
    return results;
  }

  /**
   * Reads a file, or all files of results in a folder, by their names.
   *
   * @throws CheckpointException if there is none
   */
  static SortedMap<String, BenchResults> readAll(Path path) throws IOException {
    SortedMap<String, BenchResults> all = new TreeMap<>();
    if (!Files.isDirectory(path)) {
      all.put("", read(path));
      return all;
    }
    try (Stream<Path> files = Files.list(path)) {
      for (Path file : files.filter(it -> it.toString().endsWith(".json")).toList()) {
        if (JsonValue.read(file).has("cases")) {
          all.put(file.getFileName().toString(), read(file));
        }
      }
    }
    if (all.isEmpty()) {
      throw new CheckpointException(path.toString(), "there are no results of ./bench in it");
    }
    return all;
  }

  /** Writes a file as a whole, in a folder that is made if need be. */
  void write(Path file) throws IOException {
    Files.createDirectories(file.toAbsolutePath().getParent());
    PendingOutput.write(file, to -> Files.writeString(to, json()));
  }

  String json() {
    return JsonText.of(
            out -> {
              out.writeFieldName("machine");
              out.writeRawValue(machine.json());
              out.writeStringField("commit", commit);
              out.writeArrayFieldStart("cases");
              for (BenchCase measured : cases) {
                measured.writeTo(out);
              }
              out.writeEndArray();
            })
        + "\n";
  }

  /** Where, how and of what it was measured, in Markdown. */
  String describe() {
    return machine.markdown() + (commit.isEmpty() ? "" : " Commit " + commit + ".");
  }

  Map<BenchId, BenchCase> byId() {
    return cases.stream()
        .collect(
            Collectors.toMap(
                BenchCase::id, it -> it, (first, second) -> first, LinkedHashMap::new));
  }
}
