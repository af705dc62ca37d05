package dev.orrery.runtime.random;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class GaussianNoiseTest {
  private static final int COUNT = 1 << 20;

  /** Saved sessions replay only while these bits stay as they are. */
  @Test
  void theStreamIsPinned() {
    assertArrayEquals(
        new float[] {-0.6653749f, 1.0360239f, -1.4338892f, 0.42327818f, 0.13500793f, -0.9043864f},
        noise(42, 0, 0, 6));
    assertArrayEquals(
        new float[] {-1.4315717f, -0.33613184f, -0.61507916f}, noise(-7, 3, (1L << 40) + 1, 3));
  }

  @Test
  void anElementDependsOnItsPositionOnly() {
    float[] whole = noise(5, 1, 10, 207);
    for (int split : new int[] {0, 1, 2, 13, 206, 207}) {
      assertArrayEquals(Arrays.copyOf(whole, split), noise(5, 1, 10, split));
      assertArrayEquals(
          Arrays.copyOfRange(whole, split, 207), noise(5, 1, 10 + split, 207 - split));
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocate(207 * 4 + 1).asSlice(1);
      GaussianNoise.fill(5, 1, 10, memory);
      assertArrayEquals(whole, memory.toArray(ValueLayout.JAVA_FLOAT_UNALIGNED));
    }
  }

  @Test
  void seedsAndStreamsDiffer() {
    float[] base = noise(5, 1, 0, COUNT);
    for (float[] other :
        new float[][] {noise(6, 1, 0, COUNT), noise(5, 2, 0, COUNT), noise(5, 1, COUNT, COUNT)}) {
      assertNotEquals(base[0], other[0]);
      // The correlation of independent sequences has the deviation 1 / sqrt(2^20) = 0.001.
      assertEquals(0, correlation(base, other), 0.005);
    }
    float[] next = noise(5, 1, 1, COUNT);
    assertEquals(0, correlation(base, next), 0.005);
  }

  @Test
  void theDistributionIsStandardNormal() {
    float[] values = noise(1, 0, 0, COUNT);
    double sum = 0;
    double squares = 0;
    double fourth = 0;
    for (float value : values) {
      assertTrue(Float.isFinite(value));
      sum += value;
      squares += value * value;
      fourth += Math.pow(value, 4);
    }
    // Five standard deviations of each estimate.
    assertEquals(0, sum / COUNT, 5 / Math.sqrt(COUNT));
    assertEquals(1, squares / COUNT, 5 * Math.sqrt(2.0 / COUNT));
    assertEquals(3, fourth / COUNT, 5 * Math.sqrt(96.0 / COUNT));
    assertShare(values, 0, 0.5);
    assertShare(values, 1, 0.15865525);
    assertShare(values, 2, 0.02275013);
    assertShare(values, 3, 0.00134990);
    assertShare(values, 4, 0.0000316712);
  }

  @Test
  void refusesANegativePosition() {
    assertEquals(
        "firstIndex: expected 0 or more, found -1",
        assertThrows(IllegalArgumentException.class, () -> noise(0, 0, -1, 1)).getMessage());
  }

  /** Requires the share of the values above a limit and of those below its negative. */
  private static void assertShare(float[] values, double limit, double expected) {
    int above = 0;
    int below = 0;
    for (float value : values) {
      above += value > limit ? 1 : 0;
      below += value < -limit ? 1 : 0;
    }
    double tolerance = 5 * Math.sqrt(expected / COUNT);
    assertEquals(expected, (double) above / COUNT, tolerance, "above " + limit);
    assertEquals(expected, (double) below / COUNT, tolerance, "below -" + limit);
  }

  private static double correlation(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += (double) a[i] * b[i];
    }
    return sum / a.length;
  }

  private static float[] noise(long seed, long stream, long firstIndex, int count) {
    float[] values = new float[count];
    GaussianNoise.fill(seed, stream, firstIndex, values);
    return values;
  }
}
