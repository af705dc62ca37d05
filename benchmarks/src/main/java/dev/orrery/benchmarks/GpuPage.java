package dev.orrery.benchmarks;

import dev.orrery.runtime.checkpoint.JsonValue;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The part of {@code docs/performance.md} about GPUs: a section for each that {@code verify.sh} ran
 * on and whose results are stored.
 */
final class GpuPage {
  /** Where results are stored, a folder for each GPU, as seen from the root of the checkout. */
  static final String RESULTS = "benchmarks/results";

  /** The file of a GPU's results. */
  static final String FILE = "results.json";

  private static final String NONE =
      """

      ## GPUs

      Not yet measured. [One command](../benchmarks/gpu/README.md) measures everything; what can be expected is in
      [cuda-kernels.md](cuda-kernels.md).
      """;

  private static final String HEAD =
      """

      ## %s

      Driver %s, %s, commit %s. [How to measure](../benchmarks/gpu/README.md).

      | Section | Result | s |
      |---|---|---:|
      %s
      """;

  private static final String MODEL =
      """

      ### Matrix-Game 2.0 on %s

      %s, random weights, on %s: **%.1f frames a second** once the caches are full, each chunk being decoded while
      the next one is made. The first %d frames come %.0f ms after the image (%.0f ms of them encode it), %.0f ms in
      a process that has just loaded the model, which takes %.1f s.

      | Part of a chunk, one after the other | ms |
      |---|---:|
      %s

      | GPU memory | planned MB | measured MB |
      |---|---:|---:|
      | model loaded | %.0f | %.0f |
      | playing | %.0f | %.0f |
      """;

  private static final String KERNELS =
      """

      ### Operations on %s

      Shapes of Matrix-Game 2.0, %d multiprocessors. Ceilings measured in the same run: %.0f TFLOP/s (a large bf16
      product of matrices; int8, and fp8 where the GPU has it, count as twice as fast), %.2f TB/s (a copy, reading and
      writing). "Share" is the least time that these allow over the measured time, "ratio" the time of %s, its fastest
      way, over ours.

      | Operation | Where | Shape | dtype | calls | us | TFLOP/s | GB/s | bound by | share | peer us | ratio |
      |---|---|---|---|---:|---:|---:|---:|---|---:|---:|---:|
      %s
      """;

  private GpuPage() {}

  /** The sections of all GPUs, or one that says that there are none. */
  static String text(Path root) {
    List<Path> files = files(root.resolve(RESULTS), FILE);
    return files.isEmpty()
        ? NONE
        : files.stream().map(file -> gpu(JsonValue.read(file))).collect(Collectors.joining());
  }

  /** The files of a name in the folders of all machines, sorted. */
  static List<Path> files(Path results, String name) {
    if (!Files.isDirectory(results)) {
      return List.of();
    }
    try (Stream<Path> folders = Files.list(results)) {
      return folders.map(folder -> folder.resolve(name)).filter(Files::exists).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String gpu(JsonValue stored) {
    String gpu = stored.string("gpu");
    String head =
        String.format(
            Locale.ROOT,
            HEAD,
            gpu,
            stored.string("driver"),
            stored.string("date"),
            stored.string("commit"),
            rows(stored.get("sections"), GpuPage::section));
    return head
        + (stored.has("model") ? model(gpu, stored.get("model")) : "")
        + (stored.has("bench") ? kernels(gpu, stored.get("bench")) : "");
  }

  private static String section(JsonValue row) {
    return String.format(
        Locale.ROOT,
        "| %s | %s | %d |",
        row.string("name"),
        row.string("result"),
        row.integer("seconds"));
  }

  private static String model(String gpu, JsonValue model) {
    JsonValue memory = model.get("memory");
    return String.format(
        Locale.ROOT,
        MODEL,
        gpu,
        model.string("model"),
        model.string("device"),
        model.number("framesPerSecond"),
        model.integer("firstFrames"),
        1e3 * model.number("firstSeconds"),
        1e3 * model.number("startSeconds"),
        1e3 * model.number("coldFirstSeconds"),
        model.number("loadSeconds"),
        rows(
            model.get("stages"),
            row ->
                String.format(
                    Locale.ROOT, "| %s | %.2f |", row.string("stage"), row.number("milliseconds"))),
        memory.number("plannedLoaded") / 1e6,
        memory.number("loaded") / 1e6,
        memory.number("plannedPlaying") / 1e6,
        memory.number("playing") / 1e6);
  }

  private static String kernels(String gpu, JsonValue bench) {
    String peer = bench.string("peer");
    return String.format(
        Locale.ROOT,
        KERNELS,
        gpu,
        bench.integer("multiprocessors"),
        bench.number("teraflops"),
        bench.number("terabytes"),
        peer.isEmpty() ? "another library (there was none)" : peer,
        rows(bench.get("kernels"), GpuPage::kernel));
  }

  private static String kernel(JsonValue row) {
    double time = row.number("microseconds");
    String peer = " – | – |";
    if (row.has("peerMicroseconds")) {
      double other = row.number("peerMicroseconds");
      peer = String.format(Locale.ROOT, " %.1f | %.2f |", other, other / time);
    }
    return String.format(
            Locale.ROOT,
            "| %s | %s | %s | %s | %d | %.1f | %.0f | %.0f | %s | %.0f %% |",
            row.string("kernel"),
            row.string("use"),
            row.string("shape"),
            row.string("dtype"),
            row.integer("calls"),
            time,
            row.number("teraflops"),
            row.number("gigabytes"),
            row.string("bound"),
            100 * row.number("leastMicroseconds") / time)
        + peer;
  }

  private static String rows(JsonValue list, Function<JsonValue, String> row) {
    return list.asList().stream().map(row).collect(Collectors.joining("\n"));
  }
}
