package dev.orrery.kernels.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import jdk.incubator.vector.FloatVector;
import org.junit.jupiter.api.Test;

class VectorMathTest {
  @Test
  void expIsWithinTwoUnitsInTheLastPlace() {
    for (float x = -86.9f; x < 88.7f; x += 0.00037f) {
      double expected = Math.exp(x);
      double error = Math.abs(exp(x) - expected) / Math.ulp((float) expected);
      assertTrue(error < 1.5, "exp(" + x + ") is off by " + error + " ulp");
    }
  }

  @Test
  void expOfDenormalResultsIsZeroOrExact() {
    for (float x = -110; x < -86.9f; x += 0.0011f) {
      assertEquals(Math.exp(x), exp(x), 1.8e-38, "exp(" + x + ")");
    }
  }

  @Test
  void expOfSpecialValues() {
    assertEquals(1f, exp(0f));
    assertEquals(1f, exp(-0f));
    assertEquals(0f, exp(Float.NEGATIVE_INFINITY));
    assertEquals(0f, exp(-1e30f));
    assertEquals(Float.POSITIVE_INFINITY, exp(Float.POSITIVE_INFINITY));
    assertEquals(Float.POSITIVE_INFINITY, exp(88.8f));
    assertEquals(Float.POSITIVE_INFINITY, exp(1e30f));
    assertEquals((float) Math.exp(88.72f), exp(88.72f), 4e31f);
    assertEquals(Float.NaN, exp(Float.NaN));
  }

  private static float exp(float x) {
    return VectorMath.exp(FloatVector.broadcast(SimdTile.SPECIES, x)).lane(0);
  }
}
