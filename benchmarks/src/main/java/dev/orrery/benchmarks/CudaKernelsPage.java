package dev.orrery.benchmarks;

import dev.orrery.kernels.cuda.KernelImages;
import dev.orrery.runtime.checkpoint.JsonValue;
import dev.orrery.runtime.checkpoint.Quantization;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Writes {@code docs/cuda-kernels.md}: what the compiled kernel functions take, from stored numbers
 * of the compiler, the least times of the operations of a model, and the times that all launches of
 * models are predicted to take, counted by code. A test keeps page, numbers and code together.
 */
public final class CudaKernelsPage {
  /** Where the compiler's numbers are stored, as seen from the root of the checkout. */
  static final String RESULTS = "benchmarks/results/cuda/resources.json";

  /** The command that stores the numbers of this build, if it has any, and writes the page. */
  static final String COMMAND =
      "java -cp \"benchmarks/target/classes:benchmarks/target/lib/*\""
          + " dev.orrery.benchmarks.CudaKernelsPage";

  private static final List<String> ARCHITECTURES = List.of("80", "90a");

  private static final String PAGE =
      """
      # CUDA kernels

      Written by code; do not edit. After a build where nvcc was found, `%s` stores what the compiler reports in
      [resources.json](../%s) and writes this page. [Sources and how they are built](../kernels/src/main/cuda/README.md).

      ## What the functions take

      %s

      ## What an %s could do at best

      Bytes that one call has to read and write at least once, and operations of its products, give the least time: at
      %.0f TFLOP/s and %.1f TB/s, which were measured on that GPU; products of int8 and of fp8 values at twice that rate.
      Activations and weights are bf16 where nothing else is said, the shapes those of
      [Matrix-Game 2.0](models/matrix-game-2.md), variant universal, at 352 x 640 pixels with full caches. Calls that
      touch less than 2 MB are left out; launches are not counted, nor what is not a product (the exponentials of an
      attention), nor copies in caches. A call whose tensors still lie in the GPU's L2 cache can beat a bound by memory.

      | Network | TFLOP | GB | ms |
      |---|---:|---:|---:|
      %s

      That makes at most %.0f video frames a second with these operations, each reading and writing its tensors.

      ### One pass of the transformer

      %s

      ### Its linear layers, quantised

      In the place of the products above that have the same shape. Four-bit weights are multiplied as bf16.

      %s

      ### Decoding one latent frame

      %s
      """;

  private CudaKernelsPage() {}

  /**
   * Writes the page.
   *
   * @param args the root of the checkout, where not the working directory
   */
  public static void main(String[] args) throws IOException {
    Path root = Path.of(args.length > 0 ? args[0] : "");
    Optional<String> built = built();
    if (built.isPresent()) {
      Path results = root.resolve(RESULTS);
      Files.createDirectories(results.getParent());
      Files.writeString(results, built.get());
    }
    Files.writeString(file(root), text(root));
  }

  /** Where the page lies. */
  static Path file(Path root) {
    return root.resolve("docs/cuda-kernels.md");
  }

  /** What the compiler reported in this build; empty where there was none. */
  static Optional<String> built() throws IOException {
    try (InputStream in = KernelImages.class.getResourceAsStream("resources.json")) {
      return in == null
          ? Optional.empty()
          : Optional.of(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    }
  }

  /** The text that the page should have. */
  static String text(Path root) {
    String functions = functions(JsonValue.read(root.resolve(RESULTS)));
    Roofline roofline = Roofline.H200;
    List<GpuCase> transformer = MatrixGame2Cases.transformer();
    List<GpuCase> decoder = MatrixGame2Cases.decoder();
    Total pass = Total.of(transformer, roofline);
    Total frame = Total.of(decoder, roofline);
    Total block =
        pass.times(MatrixGame2Cases.PASSES).plus(frame.times(MatrixGame2Cases.LATENT_FRAMES));
    List<String> totals = new ArrayList<>();
    totals.add(pass.row("transformer, one pass"));
    for (Quantization form : MatrixGame2Cases.FORMS) {
      totals.add(quantizedPass(form, roofline).row("the same, in " + GpuCase.name(form)));
    }
    totals.add(frame.row("decoder, one latent frame"));
    totals.add(
        block.row(
            String.format(
                Locale.ROOT,
                "chunk of %d video frames: %d passes in bf16, %d latent frames",
                MatrixGame2Cases.VIDEO_FRAMES,
                MatrixGame2Cases.PASSES,
                MatrixGame2Cases.LATENT_FRAMES)));
    return String.format(
            Locale.ROOT,
            PAGE,
            COMMAND,
            RESULTS,
            functions,
            roofline.device(),
            roofline.operationsPerSecond() / 1e12,
            roofline.bytesPerSecond() / 1e12,
            String.join("\n", totals),
            MatrixGame2Cases.VIDEO_FRAMES / block.seconds(),
            cases(transformer, roofline),
            cases(
                MatrixGame2Cases.FORMS.stream()
                    .flatMap(form -> MatrixGame2Cases.quantized(form).stream())
                    .toList(),
                roofline),
            cases(decoder, roofline))
        + CudaCostPage.text(root)
        + ClusterPage.text(root);
  }

  private static Total quantizedPass(Quantization form, Roofline roofline) {
    Stream<GpuCase> kept =
        MatrixGame2Cases.transformer().stream()
            .filter(work -> !MatrixGame2Cases.isQuantizable(work));
    Stream<GpuCase> quantized = MatrixGame2Cases.quantized(form).stream();
    return Total.of(Stream.concat(kept, quantized).toList(), roofline);
  }

  /** Work and least time of several calls one after the other. */
  private record Total(double operations, double bytes, double seconds) {
    static Total of(List<GpuCase> cases, Roofline roofline) {
      Total total = new Total(0, 0, 0);
      for (GpuCase work : cases) {
        Total call = new Total(work.operations(), work.bytes(), roofline.seconds(work));
        total = total.plus(call.times(work.calls()));
      }
      return total;
    }

    Total plus(Total other) {
      return new Total(operations + other.operations, bytes + other.bytes, seconds + other.seconds);
    }

    Total times(int count) {
      return new Total(count * operations, count * bytes, count * seconds);
    }

    String row(String name) {
      return String.format(
          Locale.ROOT,
          "| %s | %.2f | %.1f | %.1f |",
          name,
          operations / 1e12,
          bytes / 1e9,
          seconds * 1e3);
    }
  }

  private static String cases(List<GpuCase> cases, Roofline roofline) {
    return """
        | Operation | Where | Shape | Calls | GFLOP | MB | least µs | bound by |
        |---|---|---|---:|---:|---:|---:|---|
        """
        + cases.stream()
            .map(
                work ->
                    String.format(
                        Locale.ROOT,
                        "| %s | %s | %s | %d | %.2f | %.1f | %.1f | %s |",
                        work.operation().getSimpleName(),
                        work.use(),
                        work.shape(),
                        work.calls(),
                        work.operations() / 1e9,
                        work.bytes() / 1e6,
                        roofline.seconds(work) * 1e6,
                        roofline.bound(work).name().toLowerCase(Locale.ROOT)))
            .collect(Collectors.joining("\n"));
  }

  /** The table of what functions take. */
  static String functions(JsonValue stored) {
    Map<List<String>, Map<String, JsonValue>> byFunction = new LinkedHashMap<>();
    for (JsonValue row : stored.get("functions").asList()) {
      byFunction
          .computeIfAbsent(
              List.of(row.string("source"), row.string("function")), name -> new LinkedHashMap<>())
          .put(row.string("architecture"), row);
    }
    String rows =
        byFunction.entrySet().stream()
            .map(entry -> function(entry.getKey(), entry.getValue()))
            .collect(Collectors.joining("\n"));
    return String.format(
        Locale.ROOT,
        """
        nvcc %s. Registers are those of a thread, bytes of shared memory those of a block that are known when compiling
        (most kernels ask for more at launch), spills the bytes that a thread stores and loads for want of registers.

        | Function | Source | registers sm_80 | sm_90a | shared sm_80 | sm_90a | spills sm_80 | sm_90a |
        |---|---|---:|---:|---:|---:|---:|---:|
        %s""",
        stored.string("nvcc"),
        rows);
  }

  private static String function(List<String> name, Map<String, JsonValue> byArchitecture) {
    StringBuilder row = new StringBuilder();
    row.append(
        String.format(
            Locale.ROOT,
            "| `%2$s` | [%1$s.cu](../kernels/src/main/cuda/%1$s.cu) |",
            name.toArray()));
    for (Measure measure : Measure.values()) {
      for (String architecture : ARCHITECTURES) {
        JsonValue found = byArchitecture.get(architecture);
        row.append(found == null ? " – |" : String.format(Locale.ROOT, " %d |", measure.of(found)));
      }
    }
    return row.toString();
  }

  private enum Measure {
    REGISTERS,
    SHARED,
    SPILLS;

    int of(JsonValue row) {
      return switch (this) {
        case REGISTERS -> row.integer("registers");
        case SHARED -> row.integer("sharedBytes");
        case SPILLS -> row.integer("spillStoreBytes") + row.integer("spillLoadBytes");
      };
    }
  }
}
