package dev.orrery.benchmarks;

import dev.orrery.kernels.CudaBackend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.cuda.CudaDevice;
import dev.orrery.kernels.cuda.CudaUnavailableException;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.runtime.checkpoint.JsonValue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Measures the operations of Matrix-Game 2.0 at their full sizes on a GPU, beside what the GPU
 * could do at best and what another library does. Ceilings are measured in the same run: a large
 * product of matrices, the faster of the two libraries', and a copy between two large tensors.
 */
public final class GpuReport implements AutoCloseable {
  private static final GpuCase LARGE_MATMUL = GpuCase.matmul("large", 0, "8192x8192x8192");
  private static final long COPY_BYTES = 1L << 30;

  /** A guess of how fast things are, to decide how often they are called. */
  private static final Roofline GUESS = Roofline.H200;

  private final CudaBackend backend;
  private final RandomValues random;
  private final GpuStopwatch stopwatch;
  private final Peers peers;

  GpuReport(CudaBackend backend, Peers peers, GpuStopwatch.Effort effort) {
    this.backend = backend;
    this.peers = peers;
    random = new RandomValues(backend);
    stopwatch = new GpuStopwatch(backend, effort);
  }

  /**
   * Runs the report.
   *
   * @param args {@code --device} to say which GPU there is, or why there is none; {@code --cases}
   *     and the file to write the calls to, for {@code peers.py}; or the file to write the results
   *     to and, if there is one, the file that {@code peers.py} wrote
   */
  public static void main(String[] args) throws Exception {
    switch (args[0]) {
      case "--device" -> sayDevice();
      case "--cases" -> Files.writeString(Path.of(args[1]), cases(MatrixGame2Cases.byDtype()));
      default -> report(args);
    }
  }

  private static void sayDevice() {
    try (CudaDevice device = CudaDevice.open(0)) {
      System.out.println(device.model());
    } catch (CudaUnavailableException e) {
      System.out.println(e.getMessage());
      System.exit(1);
    }
  }

  private static void report(String[] args) throws IOException {
    Peers peers = args.length > 1 ? Peers.of(JsonValue.read(Path.of(args[1]))) : Peers.NONE;
    List<Row> rows;
    try (CudaBackend backend = CudaBackend.open(0);
        GpuReport report = new GpuReport(backend, peers, GpuStopwatch.Effort.FULL)) {
      rows = report.measure(MatrixGame2Cases.byDtype());
      Files.writeString(Path.of(args[0]), report.json(report.ceilings(), rows));
    }
    List<Row> failed = rows.stream().filter(row -> row.failure() != null).toList();
    if (!failed.isEmpty()) {
      failed.forEach(row -> System.out.println("FAILED " + row.name() + ": " + row.failure()));
      System.exit(1);
    }
  }

  /**
   * A case and its time.
   *
   * @param microseconds of a call
   * @param failure why there is no time, else null
   */
  record Row(GpuCase work, DType dtype, double microseconds, String failure) {
    String name() {
      return work.operation().getSimpleName() + " " + work.shape() + " " + dtype;
    }
  }

  /** The calls for the other library, each once. */
  static String cases(Map<DType, List<GpuCase>> cases) {
    List<String> rows = new ArrayList<>();
    cases.forEach(
        (dtype, list) ->
            list.forEach(
                work ->
                    rows.add(
                        String.format(
                            Locale.ROOT,
                            "  {\"operation\": \"%s\", \"size\": \"%s\", \"dtype\": \"%s\"}",
                            work.operation().getSimpleName(),
                            work.size(),
                            Peers.name(dtype)))));
    return rows.stream().distinct().collect(Collectors.joining(",\n", "[\n", "\n]\n"));
  }

  /** Measures cases, in their order; one that fails does not stop the others. */
  List<Row> measure(Map<DType, List<GpuCase>> cases) {
    Map<String, Row> measured = new LinkedHashMap<>();
    List<Row> rows = new ArrayList<>();
    cases.forEach(
        (dtype, list) -> {
          for (GpuCase work : list) {
            Row row =
                measured.computeIfAbsent(
                    work.operation() + work.shape() + dtype, key -> measure(work, dtype));
            rows.add(new Row(work, dtype, row.microseconds(), row.failure()));
          }
        });
    return rows;
  }

  private Row measure(GpuCase work, DType dtype) {
    Row row;
    try {
      double time =
          stopwatch.microseconds(
              work.bytes(),
              GUESS.seconds(work),
              arena -> GpuCalls.call(work, backend, random, arena, dtype));
      row = new Row(work, dtype, time, null);
    } catch (RuntimeException | OutOfMemoryError e) {
      row = new Row(work, dtype, Double.NaN, e.toString());
    }
    System.out.printf(
        Locale.ROOT,
        "%-88s %s%n",
        row.name(),
        row.failure() == null
            ? String.format(Locale.ROOT, "%9.1f us", row.microseconds())
            : row.failure());
    return row;
  }

  /** What this GPU can do at best. */
  Roofline ceilings() {
    double matmul = 1e-6 * measure(LARGE_MATMUL, DType.BF16).microseconds();
    double ours = Double.isNaN(matmul) ? 0 : LARGE_MATMUL.operations() / matmul;
    double moved = 2.0 * COPY_BYTES;
    double copy = 1e-6 * stopwatch.microseconds(moved, moved / GUESS.bytesPerSecond(), this::copy);
    return new Roofline(
        backend.device().model(),
        backend.device().capability(),
        Math.max(ours, peers.operationsPerSecond()),
        moved / copy);
  }

  private Runnable copy(TensorArena arena) {
    Tensor from = arena.empty(DType.U8, COPY_BYTES);
    Tensor to = arena.empty(DType.U8, COPY_BYTES);
    return () -> backend.copy(from, to);
  }

  /** Results as they are stored. */
  String json(Roofline ceilings, List<Row> rows) {
    return String.format(
            Locale.ROOT,
            "{\n  \"device\": \"%s\",\n  \"multiprocessors\": %d,\n  \"teraflops\": %.1f,\n"
                + "  \"terabytes\": %.3f,\n  \"peer\": \"%s\",\n  \"kernels\": [\n",
            ceilings.device(),
            backend.device().multiprocessors(),
            ceilings.operationsPerSecond() / 1e12,
            ceilings.bytesPerSecond() / 1e12,
            peers.library())
        + rows.stream()
            .filter(row -> row.failure() == null)
            .map(row -> json(ceilings, row))
            .collect(Collectors.joining(",\n"))
        + "\n  ]\n}\n";
  }

  private String json(Roofline ceilings, Row row) {
    GpuCase work = row.work();
    Optional<Peers.Peer> peer = peers.of(work, row.dtype());
    return String.format(
        Locale.ROOT,
        "    {\"kernel\": \"%s\", \"use\": \"%s\", \"shape\": \"%s\", \"dtype\": \"%s\","
            + " \"calls\": %d, \"microseconds\": %.2f, \"teraflops\": %.2f, \"gigabytes\": %.1f,"
            + " \"leastMicroseconds\": %.2f, \"bound\": \"%s\"%s}",
        work.operation().getSimpleName(),
        work.use(),
        work.shape(),
        row.dtype(),
        work.calls(),
        row.microseconds(),
        work.operations() / row.microseconds() / 1e6,
        work.bytes() / row.microseconds() / 1e3,
        1e6 * ceilings.seconds(work),
        ceilings.bound(work).name().toLowerCase(Locale.ROOT),
        peer.map(
                other ->
                    String.format(
                        Locale.ROOT,
                        ", \"peerWay\": \"%s\", \"peerMicroseconds\": %.2f",
                        other.way(),
                        other.microseconds()))
            .orElse(""));
  }

  @Override
  public void close() {
    random.close();
  }
}
