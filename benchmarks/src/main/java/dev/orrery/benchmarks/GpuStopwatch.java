package dev.orrery.benchmarks;

import dev.orrery.kernels.CudaBackend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.cuda.CudaTimer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/**
 * Measures calls by the device's own clock: many of them are one CUDA graph, so that no time passes
 * between launches, and they go round tensors that together do not fit in the L2 cache.
 */
final class GpuStopwatch {
  /** More than twice the L2 cache of any GPU so far. */
  private static final double ROUND_BYTES = 256e6;

  /** A graph should take that long, much longer than it takes to launch. */
  private static final double GRAPH_SECONDS = 5e-3;

  /** Of calls that take long, one graph is as good as another. */
  private static final double LONG_MILLISECONDS = 100;

  private static final int LONG_ROUNDS = 3;

  /**
   * How long to measure.
   *
   * @param sets most sets of tensors
   * @param calls most calls of a graph, unless there are more sets
   * @param rounds graphs whose times are taken
   */
  record Effort(int sets, int calls, int rounds) {
    /** Some fifty milliseconds for each operation. */
    static final Effort FULL = new Effort(64, 400, 9);
  }

  private final CudaBackend backend;
  private final Effort effort;

  GpuStopwatch(CudaBackend backend, Effort effort) {
    this.backend = backend;
    this.effort = effort;
  }

  /**
   * The median time of a call.
   *
   * @param bytes that a call touches
   * @param leastSeconds that it can take
   * @param makeCall makes a call on tensors of its own from an arena
   * @return microseconds
   */
  double microseconds(double bytes, double leastSeconds, Function<TensorArena, Runnable> makeCall) {
    int sets = (int) Math.clamp(Math.ceil(ROUND_BYTES / bytes), 1, effort.sets());
    int rounds = (int) Math.ceil(Math.min(effort.calls(), GRAPH_SECONDS / leastSeconds) / sets);
    int calls = sets * Math.max(1, rounds);
    try (TensorArena arena = backend.newArena()) {
      List<Runnable> made = new ArrayList<>();
      for (int i = 0; i < sets; i++) {
        made.add(makeCall.apply(arena));
      }
      Runnable graph =
          () -> {
            for (int i = 0; i < calls; i++) {
              made.get(i % sets).run();
            }
          };
      return 1e3 * medianMilliseconds(graph) / calls;
    }
  }

  private double medianMilliseconds(Runnable graph) {
    backend.batch(graph);
    double first = milliseconds(graph);
    double[] measured = new double[rounds(first)];
    for (int i = 0; i < measured.length; i++) {
      measured[i] = milliseconds(graph);
    }
    Arrays.sort(measured);
    return measured[measured.length / 2];
  }

  private int rounds(double milliseconds) {
    return milliseconds > LONG_MILLISECONDS
        ? Math.min(LONG_ROUNDS, effort.rounds())
        : effort.rounds();
  }

  /** The graph is launched twice: while the first runs, the host prepares the one that counts. */
  private double milliseconds(Runnable graph) {
    backend.batch(graph);
    try (CudaTimer timer = backend.device().stream().timer()) {
      backend.batch(graph);
      return timer.stop();
    }
  }
}
