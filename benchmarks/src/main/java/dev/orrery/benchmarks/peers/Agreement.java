package dev.orrery.benchmarks.peers;

import java.util.Locale;

/** Whether two libraries computed the same. */
final class Agreement {
  /**
   * The most that results may differ: fp32 sums of thousands of terms in another order differ by a
   * few millionths.
   */
  static final double MOST = 2e-5;

  private Agreement() {}

  /** The root of the squared differences' sum over the squared values' sum. */
  static double difference(float[] expected, float[] found) {
    if (expected.length != found.length) {
      return Double.POSITIVE_INFINITY;
    }
    double differences = 0;
    double values = 0;
    for (int i = 0; i < expected.length; i++) {
      double difference = (double) expected[i] - found[i];
      differences += difference * difference;
      values += (double) expected[i] * expected[i];
    }
    return Math.sqrt(differences / values);
  }

  /**
   * The difference, if it is small.
   *
   * @throws IllegalStateException if it is not
   */
  static double require(float[] expected, float[] found, Task task, String library) {
    double difference = difference(expected, found);
    if (!(difference <= MOST)) {
      throw new IllegalStateException(
          String.format(
              Locale.ROOT,
              "%s, %s: expected our result to within %.1g, found a difference of %.2g",
              library,
              task.shape(),
              MOST,
              difference));
    }
    return difference;
  }
}
