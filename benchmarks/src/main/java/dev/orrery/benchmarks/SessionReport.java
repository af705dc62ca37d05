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

  SessionReport(Jmh jmh) {
    this.jmh = jmh;
  }

  /** Runs the benchmarks of sessions and returns its results as JSON. */
  String run() throws RunnerException, IOException {
    List<String> rows = new ArrayList<>();
    for (Class<?> benchmark : List.of(SessionBenchmark.class, SessionStartBenchmark.class)) {
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
    boolean first = params.getBenchmark().endsWith(".firstFrames");
    String before = first ? "0" : params.getParam("before");
    try (CpuBackend backend = CpuBackend.simd(1);
        WorldModel model =
            Families.ALL.open(Path.of(params.getParam("folder"))).load(backend, Progress.NONE)) {
      return String.format(
          Locale.ROOT,
          "    {\"model\": \"%s\", \"what\": \"%s\", \"frames\": %d, \"milliseconds\": %.2f,"
              + " \"allocatedBytes\": %.0f}",
          model.description(),
          switch (before) {
            case "0" -> "start and first chunk";
            case "1" -> "next chunk";
            default -> "next chunk after " + before;
          },
          model.framesOfChunk(Integer.parseInt(before)),
          Jmh.milliseconds(result),
          Jmh.allocatedBytes(result));
    }
  }
}
