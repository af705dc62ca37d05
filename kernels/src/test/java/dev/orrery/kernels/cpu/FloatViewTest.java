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
  /** All 65536 bit patterns, copied in runs that do not fill their last vector. */
  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"F16", "BF16"})
  void copyWidensEveryNumberExactly(DType dtype) {
    MemorySegment segment = Arena.ofAuto().allocate(2 << 16);
    for (int bits = 0; bits < 1 << 16; bits++) {
      segment.set(ValueLayout.JAVA_SHORT, 2L * bits, (short) bits);
    }
    FloatView view = FloatView.of(Tensor.host(dtype, Shape.of(1 << 16), segment));
    float[] copy = new float[100];
    for (int from = 0; from < 1 << 16; from += 99) {
      int count = Math.min(99, (1 << 16) - from);
      copy[count] = 7;
      view.copy(from, copy, 0, count);
      for (int i = 0; i < count; i++) {
        assertEquals(view.get(from + i), copy[i], "bits " + Integer.toHexString(from + i));
      }
      assertEquals(7, copy[count], "written behind the end");
    }
  }
}
