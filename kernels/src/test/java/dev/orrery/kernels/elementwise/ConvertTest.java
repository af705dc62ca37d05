package dev.orrery.kernels.elementwise;

import static dev.orrery.kernels.KernelHarness.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.KernelHarness;
import dev.orrery.kernels.cpu.FloatView;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Shape;
import dev.orrery.kernels.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class ConvertTest {
  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"F32", "F16", "BF16"})
  void keepsEveryValue(DType dtype) {
    Tensor x = KernelHarness.normal(1, dtype, 13, 207);
    float[] widened =
        KernelHarness.shared(Convert.class, (kernel, out) -> kernel.run(x, out), 13, 207);
    FloatView stored = FloatView.of(x);
    for (int i = 0; i < widened.length; i++) {
      assertEquals(stored.get(i), widened[i]);
    }
  }

  /** 1 + 2^-8 lies half-way between two bf16 values and goes to the even one; 1 + 3 * 2^-8 too. */
  @Test
  void roundsToTheNearestEvenValue() {
    Tensor x = Tensor.of(new float[] {1 + 0x1p-8f, 1 + 0x3p-8f, 1 + 0x1.1p-8f}, 3);
    byte[] out =
        KernelHarness.shared(Convert.class, DType.BF16, (kernel, to) -> kernel.run(x, to), 3);
    FloatView rounded =
        FloatView.of(Tensor.host(DType.BF16, Shape.of(3), MemorySegment.ofArray(out)));
    assertEquals(1, rounded.get(0));
    assertEquals(1 + 0x4p-8f, rounded.get(1));
    assertEquals(1 + 0x2p-8f, rounded.get(2));
  }

  @Test
  void refusesAnotherShape() {
    Tensor x = KernelHarness.normal(1, DType.BF16, 4);
    Tensor out = KernelHarness.normal(1, 5);
    try (CpuBackend backend = CpuBackend.simd(1)) {
      refused(
          "out: expected F32, F16 or BF16 [4], found F32[5]",
          () -> backend.kernel(Convert.class).run(x, out));
    }
  }
}
