package dev.orrery.benchmarks.peers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.benchmarks.peers.Problem.Operation;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Results of libraries are compared before they are timed. */
class AgreementTest {
  /** One wrong value of a thousand is too many. */
  @Test
  void wrongResultsAreRefused() {
    float[] right = new float[1000];
    Arrays.fill(right, 1);
    float[] wrong = right.clone();
    wrong[17] = 1.01f;
    assertEquals(0, Agreement.difference(right, right));
    assertTrue(Agreement.difference(right, wrong) > Agreement.MOST);
    assertThrows(
        IllegalStateException.class,
        () -> Agreement.require(right, wrong, Problem.of(Operation.SILU, 1, 1000), "a library"));
    wrong[17] = Float.NaN;
    assertThrows(
        IllegalStateException.class,
        () -> Agreement.require(right, wrong, Problem.of(Operation.SILU, 1, 1000), "a library"));
  }
}
