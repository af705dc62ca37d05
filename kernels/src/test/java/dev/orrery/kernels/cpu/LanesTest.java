package dev.orrery.kernels.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
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

  @Test
  void reachesMemoryOnTheHeapAndOffIt() {
    int lanes = SimdTile.LANES;
    float[] values = new float[lanes];
    for (int lane = 0; lane < lanes; lane++) {
      values[lane] = lane - 0.5f;
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment offHeap = arena.allocate(8L * lanes);
      MemorySegment onHeap = MemorySegment.ofArray(new float[2 * lanes]);
      Lanes.store(FloatVector.fromArray(SimdTile.SPECIES, values, 0), offHeap, 4L * lanes);
      Lanes.store(Lanes.load(offHeap, 4L * lanes), onHeap, 4);
      assertArrayEquals(values, Lanes.load(onHeap, 4).toArray());
      assertThrows(IndexOutOfBoundsException.class, () -> Lanes.load(offHeap, 4L * lanes + 1));
      assertThrows(IndexOutOfBoundsException.class, () -> Lanes.load(onHeap, -1));
    }
  }
}
