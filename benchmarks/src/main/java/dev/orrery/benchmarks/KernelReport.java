package dev.orrery.benchmarks;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.RunnerException;

/**
 * Measures the kernels with JMH. What they are compared with is measured in the same run: the peak
 * of arithmetic before and after every kernel that computes, and the bandwidth of copying before
 * and after the others. Of these the highest counts and of the iterations the fastest, because
 * other programs only ever add time: on a machine that is shared, a share is a lower bound.
 */
final class KernelReport {
  static final String MODULE = "--add-modules=jdk.incubator.vector";
  static final String NATIVE = "--enable-native-access=ALL-UNNAMED";

  /** The kernels that are compared with the peak of arithmetic. */
  static final List<Class<? extends KernelCase.Arithmetic>> ARITHMETIC =
      List.of(
          MatmulBenchmark.class,
          AttentionBenchmark.class,
          TemporalAttentionBenchmark.class,
          CausalConv3dBenchmark.class,
          Conv2dBenchmark.class);

  /** The kernels that are compared with copying. */
  static final List<Class<? extends MemoryBoundBenchmark>> MEMORY =
      List.of(
          RmsNormBenchmark.class,
          LayerNormBenchmark.class,
          LayerNormModulateBenchmark.class,
          ChannelRmsNormBenchmark.class,
          GroupNormBenchmark.class,
          RmsNormRopeBenchmark.class,
          RopeBenchmark.class,
          GatedResidualBenchmark.class,
          ModulationBenchmark.class,
          AddBenchmark.class,
          AddRowsBenchmark.class,
          MultiplyBenchmark.class,
          ReluBenchmark.class,
          SiluBenchmark.class,
          SoftClampBenchmark.class,
          SoftmaxBenchmark.class,
          ChannelAffineBenchmark.class,
          ConvertBenchmark.class,
          QuantizeRowsBenchmark.class,
          ConvWeightOrderBenchmark.class,
          TimestepEmbeddingBenchmark.class,
          LinearCombinationBenchmark.class,
          FramesToBytesBenchmark.class,
          ResizeAntialiasedBenchmark.class,
          ResizeBicubicBenchmark.class,
          AppendColumnsBenchmark.class,
          GatherRowsBenchmark.class,
          PatchifyBenchmark.class,
          UnpatchifyBenchmark.class,
          NearestUpsampleBenchmark.class,
          TimeUnshuffleBenchmark.class,
          DownsampleShortcutBenchmark.class,
          UpsampleShortcutBenchmark.class);

  private final Jmh jmh;

  KernelReport(Jmh jmh) {
    this.jmh = jmh;
  }

  /**
   * One measured case.
   *
   * @param work operations or bytes of a call
   * @param milliseconds mean time of a call in the fastest iteration
   * @param allocatedBytes Java objects that a call made
   */
  private record Timed(
      String kernel, String shape, double work, double milliseconds, double allocatedBytes) {
    /** 10^9 operations or bytes in a second. */
    double rate() {
      return work / milliseconds / 1e6;
    }

    /**
     * This case as JSON.
     *
     * @param unit name of the rate
     * @param most the rate of what it is compared with
     */
    String json(String unit, double most) {
      return String.format(
          Locale.ROOT,
          "    {\"kernel\": \"%s\", \"shape\": \"%s\", \"milliseconds\": %.4f, \"%s\": %.2f,"
              + " \"most\": %.2f, \"allocatedBytes\": %.0f}",
          kernel,
          shape,
          milliseconds,
          unit,
          rate(),
          most,
          allocatedBytes);
    }
  }

  /** Runs all benchmarks of kernels and returns their results as JSON. */
  String run() throws RunnerException, ReflectiveOperationException, IOException {
    List<Timed> arithmetic = new ArrayList<>();
    List<Timed> peaks = new ArrayList<>(measure(PeakFmaBenchmark.class));
    for (Class<? extends KernelCase> benchmark : ARITHMETIC) {
      arithmetic.addAll(measure(benchmark));
      peaks.addAll(measure(PeakFmaBenchmark.class));
    }
    double peak = peaks.stream().mapToDouble(Timed::rate).max().orElseThrow();
    List<Timed> copies = new ArrayList<>(measure(CopyBandwidthBenchmark.class));
    List<Timed> memory = new ArrayList<>();
    for (Class<? extends KernelCase> benchmark : MEMORY) {
      memory.addAll(measure(benchmark));
    }
    copies.addAll(measure(CopyBandwidthBenchmark.class));
    List<String> computed = arithmetic.stream().map(line -> line.json("gflops", peak)).toList();
    List<String> moved =
        memory.stream().map(line -> line.json("gigabytes", copyRate(copies, line))).toList();
    return "{\n  \"machine\": "
        + Machine.here(jmh.threads()).json()
        + ",\n  \"arithmetic\": [\n"
        + String.join(",\n", computed)
        + "\n  ],\n  \"memory\": [\n"
        + String.join(",\n", moved)
        + "\n  ]\n}\n";
  }

  private List<Timed> measure(Class<? extends KernelCase> benchmark)
      throws RunnerException, ReflectiveOperationException {
    List<Timed> measured = new ArrayList<>();
    for (RunResult result : jmh.run(benchmark)) {
      KernelCase kernel = withParameters(benchmark, result.getParams());
      double work =
          switch (kernel) {
            case KernelCase.Arithmetic computes -> computes.operations();
            case KernelCase.Memory moves -> moves.bytes();
          };
      measured.add(
          new Timed(
              benchmark.getSimpleName().replace("Benchmark", ""),
              kernel.shape(),
              work,
              Jmh.milliseconds(result),
              Jmh.allocatedBytes(result)));
    }
    return measured;
  }

  /**
   * The rate of the copies whose amount is nearest by ratio, because caches make small copies
   * faster; of several, the highest.
   */
  private static double copyRate(List<Timed> copies, Timed kernel) {
    return copies.stream()
        .min(
            Comparator.comparingDouble((Timed copy) -> distance(copy, kernel))
                .thenComparing(Timed::rate, Comparator.reverseOrder()))
        .orElseThrow()
        .rate();
  }

  private static double distance(Timed copy, Timed kernel) {
    return Math.abs(Math.log(copy.work() / kernel.work()));
  }

  /** A new instance of a benchmark, its parameters set as JMH does. */
  @SuppressWarnings({"unchecked", "rawtypes"})
  static KernelCase withParameters(Class<? extends KernelCase> benchmark, BenchmarkParams params)
      throws ReflectiveOperationException {
    KernelCase kernel = benchmark.getConstructor().newInstance();
    for (String name : params.getParamsKeys()) {
      String value = params.getParam(name);
      var field = benchmark.getField(name);
      Class<?> type = field.getType();
      if (type == int.class) {
        field.setInt(kernel, Integer.parseInt(value));
      } else if (type.isEnum()) {
        field.set(kernel, Enum.valueOf((Class<? extends Enum>) type, value));
      } else {
        field.set(kernel, value);
      }
    }
    return kernel;
  }
}
