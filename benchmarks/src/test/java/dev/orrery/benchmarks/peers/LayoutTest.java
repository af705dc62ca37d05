package dev.orrery.benchmarks.peers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import org.junit.jupiter.api.Test;

class LayoutTest {
  @Test
  void axesArePermuted() {
    float[] values = {0, 1, 2, 10, 11, 12};
    assertArrayEquals(
        new float[] {0, 10, 1, 11, 2, 12}, Layout.permuted(values, new int[] {2, 3}, 1, 0));
    assertArrayEquals(
        new float[] {0, 10, 1, 11, 2, 12}, Layout.permuted(values, new int[] {2, 1, 3}, 2, 1, 0));
  }
}
