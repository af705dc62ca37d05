package dev.orrery.benchmarks;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.model.Families;
import dev.orrery.model.session.Progress;
import dev.orrery.model.session.WorldModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.RunnerException;

/** Measures sessions with JMH; of the iterations the fastest counts, as for kernels. */
final class SessionReport {
  private final Jmh jmh;

  /**
   * What a benchmark measures.
   *
   * @param chunk which one it makes; -1 for none
   */
  private record What(String words, int chunk) {
    static What nextChunk(int before) {
      return new What(before == 1 ? "next chunk" : "next chunk after " + before, before);
    }
  }

  SessionReport(Jmh jmh) {
    this.jmh = jmh;
  }

  /** Runs the benchmarks of sessions and returns its results as JSON. */
  String run() throws RunnerException, IOException {
    List<String> rows = new ArrayList<>();
    for (Class<?> benchmark :
        List.of(SessionBenchmark.class, SessionStartBenchmark.class, SavedSessionBenchmark.class)) {
      for (RunResult result : jmh.run(benchmark)) {
        rows.add(row(result));
      }
    }
    return "{\n  \"machine\": "
        + Machine.here(jmh.threads()).json()
        + ",\n  \"sessions\": [\n"
        + String.join(",\n", rows)
        + "\n  ]\n}\n";
  }

  private static String row(RunResult result) {
    BenchmarkParams params = result.getParams();
    String benchmark = params.getBenchmark();
    What what =
        switch (benchmark.substring(benchmark.lastIndexOf('.') + 1)) {
          case "firstFrames" -> new What("start and first chunk", 0);
          case "chunk" -> What.nextChunk(Integer.parseInt(params.getParam("before")));
          case "fork" -> new What("fork of a world with full windows", -1);
          case "save" -> new What("save it, until the disk has it", -1);
          case "resume" -> new What("resume it", -1);
          default -> throw new IllegalArgumentException(benchmark);
        };
    try (CpuBackend backend = CpuBackend.simd(1);
        WorldModel model =
            Families.ALL.open(Path.of(params.getParam("folder"))).load(backend, Progress.NONE)) {
      return String.format(
          Locale.ROOT,
          "    {\"model\": \"%s\", \"what\": \"%s\", \"frames\": %d, \"milliseconds\": %.2f,"
              + " \"allocatedBytes\": %.0f}",
          model.description(),
          what.words(),
          what.chunk() < 0 ? 0 : model.framesOfChunk(what.chunk()),
          Jmh.milliseconds(result),
          Jmh.allocatedBytes(result));
    }
  }
}
