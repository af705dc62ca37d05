package dev.orrery.kernels.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

class ScratchTest {
  private static final Scratch.Floats SUMS = new Scratch.Floats();
  private static final Scratch.Floats ROWS = new Scratch.Floats();
  private static final Scratch.Ints OFFSETS = new Scratch.Ints();
  private static final Scratch.Memory ROW = new Scratch.Memory();

  private final Scratch scratch = new Scratch();

  @Test
  void twoKeysNeverNameTheSameArray() {
    assertNotSame(scratch.floats(SUMS, 8), scratch.floats(ROWS, 8));
    assertNotSame(scratch.floats(SUMS, 8), new Scratch().floats(SUMS, 8));
  }

  @Test
  void anArrayGrowsAndIsUsedAgain() {
    float[] first = scratch.floats(SUMS, 8);
    assertSame(first, scratch.floats(SUMS, 3));
    assertEquals(9, scratch.floats(SUMS, 9).length);
    int[] offsets = scratch.ints(OFFSETS, 4);
    assertSame(offsets, scratch.ints(OFFSETS, 4));
    assertEquals(5, scratch.ints(OFFSETS, 5).length);
  }

  @Test
  void memoryGrowsAndIsUsedAgain() {
    MemorySegment first = scratch.memory(ROW, 8);
    assertSame(first, scratch.memory(ROW, 3));
    assertEquals(9, scratch.memory(ROW, 9).byteSize());
    assertTrue(scratch.memory(ROW, 9).isNative());
  }
}
