package dev.orrery.benchmarks;

import dev.orrery.kernels.cpu.SimdTile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * Measures the kernels with JMH and writes {@code benchmarks/results/cpu/kernels.json} and {@code
 * docs/performance.md}. The peak of the machine is measured in the same run, before and after every
 * kernel. Of the peaks the highest counts and of the iterations the fastest, because other programs
 * only ever add time: on a machine that is shared, a share of the peak is a lower bound.
 */
public final class KernelReport {
  static final String MODULE = "--add-modules=jdk.incubator.vector";
  static final String NATIVE = "--enable-native-access=ALL-UNNAMED";
  static final String NO_BOUNDS_CHECKS = "-Djdk.incubator.vector.VECTOR_ACCESS_OOB_CHECK=0";

  /** The benchmarks of the report; each names its shape and counts its operations. */
  private static final List<Class<? extends KernelCase>> BENCHMARKS =
      List.of(MatmulBenchmark.class, AttentionBenchmark.class, TemporalAttentionBenchmark.class);

  /**
   * One line of the report.
   *
   * @param milliseconds mean time of a call in the fastest iteration
   * @param peakGflops the highest peak of the run; NaN until it is known
   */
  private record Line(
      String kernel, String shape, double milliseconds, double gflops, double peakGflops) {
    Line withPeak(double peak) {
      return new Line(kernel, shape, milliseconds, gflops, peak);
    }

    double share() {
      return gflops / peakGflops;
    }

    String json() {
      return String.format(
          Locale.ROOT,
          "    {\"kernel\": \"%s\", \"shape\": \"%s\", \"milliseconds\": %.4f, \"gflops\": %.1f,"
              + " \"peakGflops\": %.1f, \"share\": %.3f}",
          kernel,
          shape,
          milliseconds,
          gflops,
          peakGflops,
          share());
    }

    String markdown() {
      return String.format(
          Locale.ROOT,
          "| %s | %s | %.3f | %.0f | %.0f | %.0f %% |",
          kernel,
          shape,
          milliseconds,
          gflops,
          peakGflops,
          100 * share());
    }
  }

  private KernelReport() {}

  /**
   * Runs all benchmarks.
   *
   * @param args the root of the checkout (where not the working directory), and the number of
   *     threads (else all processors)
   */
  public static void main(String[] args) throws Exception {
    Path root = Path.of(args.length > 0 ? args[0] : "");
    int threads =
        args.length > 1 ? Integer.parseInt(args[1]) : Runtime.getRuntime().availableProcessors();
    List<Line> timed = new ArrayList<>();
    double peak = peak(threads);
    for (Class<? extends KernelCase> benchmark : BENCHMARKS) {
      for (RunResult result : measure(benchmark, threads)) {
        timed.add(line(benchmark, result));
      }
      peak = Math.max(peak, peak(threads));
    }
    double highest = peak;
    List<Line> lines = timed.stream().map(line -> line.withPeak(highest)).toList();
    lines.forEach(line -> System.out.println(line.markdown()));
    write(root.resolve("benchmarks/results/cpu/kernels.json"), json(lines, threads));
    write(root.resolve("docs/performance.md"), markdown(lines, threads));
  }

  private static double peak(int threads) throws RunnerException, ReflectiveOperationException {
    RunResult result = measure(PeakFmaBenchmark.class, threads).iterator().next();
    return line(PeakFmaBenchmark.class, result).gflops();
  }

  private static Collection<RunResult> measure(Class<?> benchmark, int threads)
      throws RunnerException {
    return new Runner(
            new OptionsBuilder()
                .include("\\b" + benchmark.getSimpleName() + "\\b")
                .param("threads", Integer.toString(threads))
                .build())
        .run();
  }

  private static Line line(Class<? extends KernelCase> benchmark, RunResult result)
      throws ReflectiveOperationException {
    KernelCase kernel = benchmark.getConstructor().newInstance();
    BenchmarkParams params = result.getParams();
    for (String name : params.getParamsKeys()) {
      set(kernel, name, params.getParam(name));
    }
    double milliseconds = result.getPrimaryResult().getStatistics().getMin();
    double gflops = kernel.operations() / milliseconds / 1e6;
    String name = benchmark.getSimpleName().replace("Benchmark", "");
    return new Line(name, kernel.shape(), milliseconds, gflops, Double.NaN);
  }

  /** Sets a parameter of a benchmark as JMH does. */
  @SuppressWarnings({"unchecked", "rawtypes"})
  private static void set(KernelCase kernel, String name, String value)
      throws ReflectiveOperationException {
    var field = kernel.getClass().getField(name);
    Class<?> type = field.getType();
    if (type == int.class) {
      field.setInt(kernel, Integer.parseInt(value));
    } else if (type.isEnum()) {
      field.set(kernel, Enum.valueOf((Class<? extends Enum>) type, value));
    } else {
      field.set(kernel, value);
    }
  }

  private static String json(List<Line> lines, int threads) throws IOException {
    return String.format(
        Locale.ROOT,
        """
        {
          "cpu": "%s",
          "threads": %d,
          "vectorBits": %d,
          "jdk": "%s",
          "flags": "%s",
          "date": "%s",
          "results": [
        %s
          ]
        }
        """,
        cpu(),
        threads,
        SimdTile.SPECIES.vectorBitSize(),
        Runtime.version(),
        String.join(" ", MODULE, NATIVE, NO_BOUNDS_CHECKS),
        LocalDate.now(),
        lines.stream().map(Line::json).collect(Collectors.joining(",\n")));
  }

  private static String markdown(List<Line> lines, int threads) throws IOException {
    return String.format(
        Locale.ROOT,
        """
        # Performance

        Written by `KernelReport` in the benchmarks module; do not edit.

        ## Kernels on the CPU

        %s, %d threads, vectors of %d bits, JDK %s, %s, JVM flags `%s`.

        The peak is a loop of fused multiply-adds of registers, measured before and after each kernel; its
        highest value and the fastest of the five iterations of a case count. Where other programs run on the machine, shares are lower bounds; docs/kernels has measurements by processor time.

        | Kernel | Shape | ms | GFLOP/s | peak | share |
        |---|---|---:|---:|---:|---:|
        %s
        """,
        cpu(),
        threads,
        SimdTile.SPECIES.vectorBitSize(),
        Runtime.version(),
        LocalDate.now(),
        String.join(" ", MODULE, NATIVE, NO_BOUNDS_CHECKS),
        lines.stream().map(Line::markdown).collect(Collectors.joining("\n")));
  }

  /** The name of the processor where Linux tells it, else its architecture. */
  private static String cpu() throws IOException {
    Path info = Path.of("/proc/cpuinfo");
    if (!Files.isReadable(info)) {
      return System.getProperty("os.arch");
    }
    try (Stream<String> rows = Files.lines(info)) {
      return rows.filter(row -> row.startsWith("model name"))
          .map(row -> row.substring(row.indexOf(':') + 1).strip())
          .findFirst()
          .orElse(System.getProperty("os.arch"));
    }
  }

  private static void write(Path file, String text) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }
}
