package dev.orrery.weights.report;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.linear.MatmulSpeed;
import dev.orrery.model.session.ChunkWork;
import java.io.IOException;
import java.time.Duration;
import java.util.Locale;

/**
 * What a chunk of a model takes to compute, and the least time that this machine's CPU needs for
 * it.
 *
 * @param work operations of a chunk
 * @param frames video frames of a chunk
 * @param threads that were measured with
 * @param operationsPerSecond of the fastest product of matrices
 */
public record WorkReport(ChunkWork work, int frames, int threads, double operationsPerSecond) {
  /** Long enough for a better compiled version of the code to be there. */
  private static final Duration PATIENCE = Duration.ofMillis(1500);

  /** Operations per second of this machine, which a process measures once; 0 until it has. */
  private static double measured;

  /**
   * Measures this machine.
   *
   * @param frames video frames of a chunk
   */
  public static WorkReport of(ChunkWork work, int frames) {
    int threads = Runtime.getRuntime().availableProcessors();
    return new WorkReport(work, frames, threads, measured(threads));
  }

  private static synchronized double measured(int threads) {
    if (measured == 0) {
      try (Backend backend = CpuBackend.simd(threads)) {
        measured = MatmulSpeed.measure(backend, PATIENCE);
      }
    }
    return measured;
  }

  /** Some lines for people. */
  public String text() {
    return String.format(
            Locale.ROOT, "Operations of a video frame, 10^9, and the least time of this CPU:\n")
        + row("in the first chunk", work.first())
        + row("once all is remembered", work.full())
        + String.format(
            Locale.ROOT,
            "  Its products of matrices reach %,.0f x 10^9 operations per second with %d threads.\n",
            operationsPerSecond / 1e9,
            threads);
  }

  private String row(String what, double operations) {
    return String.format(
        Locale.ROOT,
        "  %-22s %,12.1f %,9.2f s\n",
        what,
        operations / frames / 1e9,
        operations / frames / operationsPerSecond);
  }

  /** Writes an object with everything in operations and seconds. */
  void writeTo(JsonGenerator out, String name) throws IOException {
    out.writeObjectFieldStart(name);
    out.writeNumberField("first_chunk", work.first());
    out.writeNumberField("full_chunk", work.full());
    out.writeNumberField("frames", frames);
    out.writeNumberField("threads", threads);
    out.writeNumberField("operations_per_second", operationsPerSecond);
    out.writeEndObject();
  }
}
