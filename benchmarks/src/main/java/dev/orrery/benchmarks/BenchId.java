package dev.orrery.benchmarks;

import dev.orrery.runtime.checkpoint.JsonValue;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.openjdk.jmh.infra.BenchmarkParams;

/**
 * Which case of which benchmark.
 *
 * @param benchmark {@code Matmul}, or {@code Session.chunk} where the method is not {@code run}
 * @param parameters those of JMH, without the number of threads
 */
record BenchId(String benchmark, SortedMap<String, String> parameters) {
  private static final String SUFFIX = "Benchmark";
  private static final String RUN = ".run";
  private static final String THREADS = "threads";

  /** A case from its benchmark and {@code name, value, name, value...}. */
  static BenchId of(String benchmark, String... parameters) {
    SortedMap<String, String> map = new TreeMap<>();
    for (int i = 0; i < parameters.length; i += 2) {
      map.put(parameters[i], parameters[i + 1]);
    }
    return new BenchId(benchmark, map);
  }

  static BenchId of(BenchmarkParams params) {
    SortedMap<String, String> map = new TreeMap<>();
    for (String name : params.getParamsKeys()) {
      if (!name.equals(THREADS)) {
        map.put(name, params.getParam(name));
      }
    }
    return new BenchId(benchmark(params.getBenchmark()), map);
  }

  static BenchId of(JsonValue stored) {
    SortedMap<String, String> map = new TreeMap<>();
    JsonValue parameters = stored.get("parameters");
    for (String name : parameters.keys()) {
      map.put(name, parameters.string(name));
    }
    return new BenchId(stored.string("benchmark"), map);
  }

  /** The name of a benchmark that JMH calls {@code dev.orrery.benchmarks.MatmulBenchmark.run}. */
  static String benchmark(String jmhName) {
    int method = jmhName.lastIndexOf('.');
    String type = jmhName.substring(jmhName.lastIndexOf('.', method - 1) + 1, method);
    String name = jmhName.substring(method);
    return type.replace(SUFFIX, "") + (name.equals(RUN) ? "" : name);
  }

  /** What JMH's option to include benchmarks takes for this one alone. */
  String pattern() {
    int method = benchmark.indexOf('.');
    String type = method < 0 ? benchmark : benchmark.substring(0, method);
    String name = method < 0 ? RUN : benchmark.substring(method);
    return "\\." + type + SUFFIX + name.replace(".", "\\.") + "$";
  }

  /** The class of a benchmark that JMH names. */
  static Class<?> type(String jmhName) {
    try {
      return Class.forName(jmhName.substring(0, jmhName.lastIndexOf('.')));
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public String toString() {
    return parameters.isEmpty()
        ? benchmark
        : parameters.entrySet().stream()
            .map(Map.Entry::toString)
            .collect(Collectors.joining(" ", benchmark + " ", ""));
  }
}
