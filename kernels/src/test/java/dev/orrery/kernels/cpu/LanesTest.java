package dev.orrery.kernels.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import jdk.incubator.vector.FloatVector;
import org.junit.jupiter.api.Test;

class LanesTest {
  @Test
  void countsEveryLaneOnce() {
    float[] bits = new float[SimdTile.LANES];
    for (int lane = 0; lane < bits.length; lane++) {
      bits[lane] = 1 << lane;
    }
    float sum = Lanes.sum(FloatVector.fromArray(SimdTile.SPECIES, bits, 0));
    assertEquals((1 << bits.length) - 1, sum);
  }
}
