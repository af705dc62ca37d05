package dev.orrery.benchmarks;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * The predicted time of a chunk of a model, launch after launch.
 *
 * @param frames video frames of the chunk
 * @param rows launches of one shape each
 */
record ChunkCost(int frames, List<Row> rows) {
  /** A prediction that misses by more is listed first. */
  static final double TOLERATED = 0.25;

  /**
   * Launches of one kind.
   *
   * @param measured seconds of one of them, if known
   */
  record Row(String operation, String shape, int calls, LaunchCost cost, OptionalDouble measured) {
    /** Seconds of all calls, as predicted. */
    double seconds() {
      return calls * cost.seconds();
    }

    /** Measured over predicted. */
    OptionalDouble ratio() {
      return measured.isEmpty()
          ? OptionalDouble.empty()
          : OptionalDouble.of(measured.getAsDouble() / cost.seconds());
    }

    boolean misses() {
      return ratio().isPresent() && Math.abs(ratio().getAsDouble() - 1) > TOLERATED;
    }
  }

  /** What tells rows apart. */
  private record Kind(String operation, String shape, LaunchCost cost) {}

  /** Predicts a chunk, its rows {@link #sorted}. */
  static ChunkCost of(FamilyLaunches.Chunk chunk, CudaCost costs, MeasuredTimes measured) {
    Map<Kind, List<PlannedLaunch>> kinds = new LinkedHashMap<>();
    for (PlannedLaunch launch : chunk.launches()) {
      String operation = launch.contract().getSimpleName();
      Kind kind = new Kind(operation, CudaCost.shape(launch), costs.of(launch));
      kinds.computeIfAbsent(kind, first -> new ArrayList<>()).add(launch);
    }
    List<Row> rows = new ArrayList<>();
    kinds.forEach(
        (kind, launches) ->
            rows.add(
                new Row(
                    kind.operation(),
                    kind.shape(),
                    launches.size(),
                    kind.cost(),
                    measured.seconds(launches.getFirst()))));
    return new ChunkCost(chunk.frames(), sorted(rows));
  }

  /** What misses comes first, then what takes the longest. */
  static List<Row> sorted(Collection<Row> rows) {
    return rows.stream()
        .sorted(
            Comparator.comparing((Row row) -> !row.misses())
                .thenComparing(Comparator.comparing(Row::seconds).reversed()))
        .toList();
  }

  int launches() {
    return rows.stream().mapToInt(Row::calls).sum();
  }

  double seconds() {
    return rows.stream().mapToDouble(Row::seconds).sum();
  }

  double framesPerSecond() {
    return frames / seconds();
  }

  /** Seconds of each operation, the longest first. */
  Map<String, Double> byOperation() {
    Map<String, Double> seconds = new LinkedHashMap<>();
    rows.forEach(row -> seconds.merge(row.operation(), row.seconds(), Double::sum));
    Map<String, Double> sorted = new LinkedHashMap<>();
    seconds.entrySet().stream()
        .sorted(Map.Entry.<String, Double>comparingByValue().reversed())
        .forEach(entry -> sorted.put(entry.getKey(), entry.getValue()));
    return sorted;
  }
}
