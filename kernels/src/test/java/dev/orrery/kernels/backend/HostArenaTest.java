package dev.orrery.kernels.backend;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

class HostArenaTest {
  @Test
  void tensorsAreZerosAtCacheLines() {
    try (HostArena arena = new HostArena()) {
      for (int i = 0; i < 20; i++) {
        Tensor tensor = arena.empty(DType.F32, 1, 13);
        assertEquals(0, tensor.segment().address() % 64);
        assertArrayEquals(new float[13], tensor.toFloats());
        tensor.segment().fill((byte) -1);
      }
    }
  }

  @Test
  void countsWhatItGaveOut() {
    try (HostArena arena = new HostArena()) {
      assertEquals(0, arena.byteSize());
      arena.empty(DType.F32, 3, 5);
      arena.empty(DType.BF16, 7);
      arena.empty(DType.U8, 0, 9);
      assertEquals(60 + 14, arena.byteSize());
    }
  }

  @Test
  void closingEndsEveryTensor() {
    HostArena arena = new HostArena();
    Tensor tensor = arena.empty(DType.F32, 4);
    arena.close();
    arena.close();
    assertThrows(
        IllegalStateException.class, () -> tensor.segment().get(ValueLayout.JAVA_FLOAT, 0));
    assertEquals(
        "Already closed",
        assertThrows(IllegalStateException.class, () -> arena.empty(DType.F32, 4)).getMessage());
  }

  @Test
  void anyThreadMayUseIt() throws Exception {
    try (HostArena arena = new HostArena()) {
      Tensor tensor = arena.empty(DType.F32, 4);
      Thread other = Thread.ofPlatform().start(() -> tensor.segment().fill((byte) 1));
      other.join();
      assertEquals(1, tensor.segment().get(ValueLayout.JAVA_BYTE, 15));
    }
  }

  @Test
  void lackOfMemoryTellsTheSizes() {
    try (HostArena arena = new HostArena()) {
      arena.empty(DType.F32, 10);
      long elements = 1L << 58;
      OutOfMemoryError error =
          assertThrows(OutOfMemoryError.class, () -> arena.empty(DType.F32, elements));
      assertEquals(
          "no host memory for F32["
              + elements
              + "]: "
              + 4 * elements
              + " bytes asked for, 40 held by this arena",
          error.getMessage());
      assertEquals(40, arena.byteSize());
    }
  }
}
