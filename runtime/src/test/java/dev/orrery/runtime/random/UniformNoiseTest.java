package dev.orrery.runtime.random;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class UniformNoiseTest {
  private static final int COUNT = 1 << 20;

  /**
   * Saved sessions replay only while these bits stay as they are. They were computed by another
   * implementation.
   */
  @Test
  void theStreamIsPinned() {
    assertArrayEquals(
        new double[] {0.46858651833910503, 0.3408615493851789, 0.32706338120338485},
        noise(42, 0, 0, 3));
    assertArrayEquals(
        new double[] {0.907047807653547, 0.7821932024073684, 0.6704001019615012},
        noise(-7, 3, (1L << 40) + 1, 3));
  }

  /** Elements 0 and 1 from their words. */
  @Test
  void anElementIsTheUpperBitsOfItsWords() {
    int[] words = new int[4];
    Philox.words(5, 0, 9, words);
    double[] found = noise(5, 9, 0, 2);
    for (int i = 0; i < 2; i++) {
      double high = Integer.toUnsignedLong(words[2 * i + 1]);
      double low = Integer.toUnsignedLong(words[2 * i]) >>> 12;
      assertEquals(high / (1L << 32) + (low + 0.5) / (1L << 52), found[i]);
    }
  }

  @Test
  void anElementDependsOnItsPositionOnly() {
    double[] whole = noise(5, 1, 10, 207);
    for (int split : new int[] {0, 1, 2, 13, 206, 207}) {
      assertArrayEquals(Arrays.copyOf(whole, split), noise(5, 1, 10, split));
      assertArrayEquals(
          Arrays.copyOfRange(whole, split, 207), noise(5, 1, 10 + split, 207 - split));
    }
  }

  @Test
  void theDistributionIsUniform() {
    int[] tenths = new int[10];
    double sum = 0;
    double products = 0;
    double[] values = noise(1, 0, 0, COUNT);
    double[] other = noise(1, 1, 0, COUNT);
    for (int i = 0; i < COUNT; i++) {
      assertTrue(values[i] > 0 && values[i] < 1);
      tenths[(int) (10 * values[i])]++;
      sum += values[i];
      products += (values[i] - 0.5) * (other[i] - 0.5);
    }
    // Five standard deviations of each estimate.
    for (int count : tenths) {
      assertEquals(0.1, (double) count / COUNT, 5 * Math.sqrt(0.09 / COUNT));
    }
    assertEquals(0.5, sum / COUNT, 5 * Math.sqrt(1.0 / 12 / COUNT));
    assertEquals(0, products / COUNT, 5.0 / 12 / Math.sqrt(COUNT));
  }

  @Test
  void refusesANegativePosition() {
    assertEquals(
        "firstIndex: expected 0 or more, found -1",
        assertThrows(IllegalArgumentException.class, () -> noise(0, 0, -1, 1)).getMessage());
  }

  private static double[] noise(long seed, long stream, long firstIndex, int count) {
    double[] values = new double[count];
    UniformNoise.fill(seed, stream, firstIndex, values);
    return values;
  }
}
