package dev.orrery.kernels.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Shape;
import dev.orrery.kernels.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
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
}
