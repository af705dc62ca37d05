package dev.orrery.benchmarks;

import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** What repeated measurements of one thing say: never empty. */
final class Spread {
  private final double[] sorted;

  /**
   * @throws IllegalArgumentException if there are no values
   */
  Spread(double... values) {
    if (values.length == 0) {
      throw new IllegalArgumentException("no measurements");
    }
    sorted = values.clone();
    Arrays.sort(sorted);
  }

  /** A number of each of some things. */
  static <T> Spread of(List<T> measured, ToDoubleFunction<T> number) {
    return new Spread(measured.stream().mapToDouble(number).toArray());
  }

  double median() {
    return quantile(0.5);
  }

  double least() {
    return sorted[0];
  }

  /** A quarter of the values lies below it. */
  double lowerQuartile() {
    return quantile(0.25);
  }

  /** A quarter of the values lies above it. */
  double upperQuartile() {
    return quantile(0.75);
  }

  /** The middle half of the values, from end to end, as a share of the median. */
  double share() {
    return (upperQuartile() - lowerQuartile()) / median();
  }

  /**
   * The value below which a share of them lies; between two values, on the line between them.
   *
   * @param share from 0 to 1
   */
  double quantile(double share) {
    double position = share * (sorted.length - 1);
    int below = (int) position;
    int above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
  }
}
