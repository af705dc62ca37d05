package dev.orrery.kernels.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Shape;
import dev.orrery.kernels.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FloatViewTest {
  /** All 65536 bit patterns, or pairs of 8 bits, in runs that do not fill their last vector. */
  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"F16", "BF16", "F8_E4M3", "I8"})
  void copyWidensEveryNumberExactly(DType dtype) {
    MemorySegment segment = Arena.ofAuto().allocate(2 << 16);
    for (int bits = 0; bits < 1 << 16; bits++) {
      segment.set(ValueLayout.JAVA_SHORT, 2L * bits, (short) bits);
    }
    int elements = (2 << 16) / dtype.byteSize();
    FloatView view = FloatView.of(Tensor.host(dtype, Shape.of(elements), segment));
    float[] copy = new float[100];
    for (int from = 0; from < elements; from += 99) {
      int count = Math.min(99, elements - from);
      copy[count] = 7;
      view.copy(from, copy, 0, count);
      for (int i = 0; i < count; i++) {
        assertEquals(view.get(from + i), copy[i], "bits " + Integer.toHexString(from + i));
      }
      assertEquals(7, copy[count], "written behind the end");
    }
  }

  /** Of arrays and of memory outside of the heap, a part of a tensor each. */
  @Test
  void aCopyIsWhatATensorHeld() {
    MemorySegment outside = Arena.ofAuto().allocate(4 * 4);
    MemorySegment.copy(new float[] {1, 2, 3, 4}, 0, outside, ValueLayout.JAVA_FLOAT, 0, 4);
    for (Tensor tensor :
        List.of(
            Tensor.host(DType.F32, Shape.of(4, 1), outside),
            Tensor.of(new float[] {1, 2, 3, 4}, 4, 1))) {
      Tensor part = tensor.slice(1, 3);
      FloatView copy = FloatView.copyOf(part);
      FloatView.of(part).set(0, 9);
      assertEquals(2, copy.get(0));
      assertEquals(3, copy.get(1));
      assertThrows(IndexOutOfBoundsException.class, () -> copy.get(2));
      assertEquals(9, FloatView.copyOf(tensor).get(1));
    }
  }
}
