package dev.orrery.benchmarks;

import dev.orrery.kernels.TornadoBackend;
import dev.orrery.kernels.backend.MissingKernelException;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.elementwise.Add;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.kernels.tornado.TornadoVm;
import dev.orrery.runtime.checkpoint.JsonValue;
import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Param;

/**
 * Runs every kernel's benchmark on the first device of TornadoVM, at its smallest size: the first
 * call, which compiles, and the fastest of some more. It says that the kernels run there and what
 * compiling costs, not how fast they could be. Stores the numbers and writes them into {@code
 * docs/tornado.md}.
 */
public final class TornadoReport {
  /** Where the numbers are stored, as seen from the root of the checkout. */
  static final String RESULTS = "benchmarks/results/tornado/kernels.json";

  /** The command that measures, in a checkout that is built. */
  static final String COMMAND =
      "java @$TORNADOVM_HOME/tornado-argfile --add-modules jdk.incubator.vector"
          + " --enable-native-access=ALL-UNNAMED"
          + " -cp \"benchmarks/target/classes:benchmarks/target/lib/*\""
          + " dev.orrery.benchmarks.TornadoReport";

  private static final String BEGIN = "<!-- Written by TornadoReport from here on. -->\n";
  private static final int CALLS = 5;
  private static final int LAUNCHES = 301;

  private TornadoReport() {}

  /**
   * One measured kernel.
   *
   * @param first milliseconds of the first call
   * @param steady milliseconds of the fastest later one
   */
  private record Timed(String kernel, String shape, double first, double steady) {}

  /**
   * Measures.
   *
   * @param args the root of the checkout, where not the working directory
   */
  public static void main(String[] args) throws IOException, ReflectiveOperationException {
    Path root = Path.of(args.length > 0 ? args[0] : "");
    List<Timed> all = new ArrayList<>();
    for (Class<? extends KernelBenchmark> benchmark : benchmarks()) {
      try {
        all.add(time(benchmark));
      } catch (MissingKernelException e) {
        System.out.println(benchmark.getSimpleName() + ": not on this backend");
      }
    }
    String rows =
        String.join(
            ",\n",
            all.stream()
                .map(
                    timed ->
                        String.format(
                            Locale.ROOT,
                            "    {\"kernel\": \"%s\", \"shape\": \"%s\", \"first\": %.1f,"
                                + " \"steady\": %.3f}",
                            timed.kernel(),
                            timed.shape(),
                            timed.first(),
                            timed.steady()))
                .toList());
    Path results = root.resolve(RESULTS);
    Files.createDirectories(results.getParent());
    Files.writeString(
        results,
        String.format(
            Locale.ROOT,
            "{\n  \"machine\": %s,\n  \"device\": \"%s\",\n  \"release\": \"%s\",\n  \"launch\": %.4f,\n"
                + "  \"kernels\": [\n%s\n  ]\n}\n",
            Machine.here(Runtime.getRuntime().availableProcessors()).json(),
            TornadoVm.devices().getFirst().name(),
            release(),
            launch(),
            rows));
    Files.writeString(page(root), text(root));
  }

  /** What TornadoVM calls itself, from the file that says so. */
  private static String release() throws IOException {
    Path home = Path.of(System.getenv().getOrDefault("TORNADOVM_HOME", ""));
    String version = Files.readAllLines(home.resolve("etc/tornado.release")).getFirst();
    return version.replace("version=", "").strip();
  }

  /** Milliseconds of a call that has next to nothing to do: the median of many. */
  private static double launch() {
    double[] times = new double[LAUNCHES];
    try (TornadoBackend backend = TornadoBackend.open(0);
        TensorArena arena = backend.newArena()) {
      Tensor x = arena.empty(DType.F32, 1);
      Add add = backend.kernel(Add.class);
      add.run(x, x, x);
      for (int i = 0; i < LAUNCHES; i++) {
        long before = System.nanoTime();
        add.run(x, x, x);
        times[i] = (System.nanoTime() - before) / 1e6;
      }
    }
    Arrays.sort(times);
    return times[LAUNCHES / 2];
  }

  private static List<Class<? extends KernelBenchmark>> benchmarks() {
    return Stream.<Class<? extends KernelBenchmark>>concat(
            KernelReport.ARITHMETIC.stream()
                .<Class<? extends KernelBenchmark>>map(it -> it.asSubclass(KernelBenchmark.class)),
            KernelReport.MEMORY.stream())
        .toList();
  }

  private static Timed time(Class<? extends KernelBenchmark> type)
      throws ReflectiveOperationException {
    KernelBenchmark benchmark = type.getConstructor().newInstance();
    for (Field field : type.getFields()) {
      Param values = field.getAnnotation(Param.class);
      if (values != null) {
        field.set(benchmark, value(field, values.value()));
      }
    }
    // Slabs of the size that users have.
    benchmark.open(TornadoBackend.open(0));
    try {
      double first = call(benchmark);
      double steady = Double.MAX_VALUE;
      for (int i = 0; i < CALLS; i++) {
        steady = Math.min(steady, call(benchmark));
      }
      String shape = ((KernelCase) benchmark).shape();
      System.out.printf(
          Locale.ROOT, "%s, %s: %.1f, %.3f ms%n", type.getSimpleName(), shape, first, steady);
      return new Timed(type.getSimpleName().replace("Benchmark", ""), shape, first, steady);
    } finally {
      benchmark.close();
    }
  }

  /** The smallest of the sizes, or the first of other values. */
  @SuppressWarnings({"unchecked", "rawtypes"})
  private static Object value(Field field, String[] values) {
    if (field.getType() == int.class) {
      return Integer.parseInt(values[0]);
    }
    if (field.getType().isEnum()) {
      return Enum.valueOf((Class) field.getType(), values[0]);
    }
    return field.getName().equals("size")
        ? Arrays.stream(values).min(Comparator.comparingDouble(Sizes::values)).orElseThrow()
        : values[0];
  }

  private static double call(KernelBenchmark benchmark) throws ReflectiveOperationException {
    long before = System.nanoTime();
    benchmark.getClass().getMethod("run").invoke(benchmark);
    return (System.nanoTime() - before) / 1e6;
  }

  /** Where the page lies. */
  static Path page(Path root) {
    return root.resolve("docs/tornado.md");
  }

  /** The page as it should be: what people wrote, and behind it the stored numbers. */
  static String text(Path root) throws IOException {
    String page = Files.readString(page(root)).replace("\r\n", "\n");
    String written = page.substring(0, page.indexOf(BEGIN) + BEGIN.length());
    JsonValue stored = JsonValue.read(root.resolve(RESULTS));
    StringBuilder text = new StringBuilder(written);
    text.append("\n").append(Machine.of(stored.get("machine")).markdown()).append("\n\n");
    text.append(
        String.format(
            Locale.ROOT,
            "TornadoVM: %s; device: %s; a call that has nothing to do takes %.2f ms.\n\n",
            stored.string("release"),
            stored.string("device"),
            stored.number("launch")));
    text.append("| Kernel | Shape | First call, ms | Later calls, ms |\n|---|---|---:|---:|\n");
    for (JsonValue row : stored.get("kernels").asList()) {
      text.append(
          String.format(
              Locale.ROOT,
              "| %s | %s | %.0f | %.2f |\n",
              row.string("kernel"),
              row.string("shape"),
              row.number("first"),
              row.number("steady")));
    }
    return text.toString();
  }
}
