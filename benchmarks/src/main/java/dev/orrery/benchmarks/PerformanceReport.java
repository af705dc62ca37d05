package dev.orrery.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Measures kernels and sessions, stores the results in {@code benchmarks/results/cpu} and writes
 * {@code docs/performance.md} anew. Takes some six minutes.
 */
public final class PerformanceReport {
  private PerformanceReport() {}

  /**
   * Runs the report; the working directory must be the root of the checkout.
   *
   * @param args options of JMH for all benchmarks, such as {@code -p threads=4}, or {@code -wi 1 -i
   *     1} for a quick look
   */
  public static void main(String[] args) throws Exception {
    Path root = Path.of("");
    Jmh jmh = new Jmh(args);
    store(root, "kernels.json", new KernelReport(jmh).run());
    store(root, "sessions.json", new SessionReport(jmh).run());
    PerformancePage.write(root);
  }

  private static void store(Path root, String name, String json) throws IOException {
    Path results = root.resolve(PerformancePage.RESULTS);
    Files.createDirectories(results);
    Files.writeString(results.resolve(name), json);
  }
}
