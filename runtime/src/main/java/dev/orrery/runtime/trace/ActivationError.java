package dev.orrery.runtime.trace;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * How far an activation of one run is from that of another one.
 *
 * @param name name of the activation
 * @param cosine cosine of the angle between the two; 1 where both are zero
 * @param relativeL2 norm of the difference over the norm of the expected one
 */
public record ActivationError(String name, double cosine, double relativeL2) {
  /**
   * Compares one activation.
   *
   * @throws IllegalArgumentException if the two differ in size
   */
  public static ActivationError between(String name, float[] expected, float[] actual) {
    if (expected.length != actual.length) {
      throw new IllegalArgumentException(
          name + ": expected " + expected.length + " values, found " + actual.length);
    }
    double product = 0;
    double expectedSquares = 0;
    double actualSquares = 0;
    double errorSquares = 0;
    for (int i = 0; i < expected.length; i++) {
      double error = (double) actual[i] - expected[i];
      product += (double) expected[i] * actual[i];
      expectedSquares += (double) expected[i] * expected[i];
      actualSquares += (double) actual[i] * actual[i];
      errorSquares += error * error;
    }
    if (errorSquares == 0) {
      return new ActivationError(name, 1, 0);
    }
    return new ActivationError(
        name,
        product / Math.sqrt(expectedSquares * actualSquares),
        Math.sqrt(errorSquares / expectedSquares));
  }

  /**
   * Compares the activations of some names, in the order in which they were computed.
   *
   * @throws IllegalArgumentException if the runs differ in these names or in sizes
   */
  public static List<ActivationError> between(
      Map<String, float[]> expected, Map<String, float[]> actual, Predicate<String> names) {
    List<ActivationError> drifts = new ArrayList<>();
    for (Map.Entry<String, float[]> entry : expected.entrySet()) {
      String name = entry.getKey();
      if (names.test(name)) {
        float[] found = actual.get(name);
        if (found == null) {
          throw new IllegalArgumentException(name + ": expected in both runs, found in one");
        }
        drifts.add(between(name, entry.getValue(), found));
      }
    }
    return drifts;
  }
}
