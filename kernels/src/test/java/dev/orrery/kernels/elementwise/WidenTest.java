package dev.orrery.kernels.elementwise;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.KernelHarness;
import dev.orrery.kernels.cpu.FloatView;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class WidenTest {
  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"F32", "F16", "BF16"})
  void keepsEveryValue(DType dtype) {
    Tensor x = KernelHarness.normal(1, dtype, 13, 207);
    float[] widened =
        KernelHarness.compute(
            CpuBackend.simd(2), Widen.class, (kernel, out) -> kernel.run(x, out), 13, 207);
    FloatView stored = FloatView.of(x);
    for (int i = 0; i < widened.length; i++) {
      assertEquals(stored.get(i), widened[i]);
    }
  }

  @Test
  void refusesAnotherShape() {
    Tensor x = KernelHarness.normal(1, DType.BF16, 4);
    Tensor out = KernelHarness.normal(1, 5);
    try (CpuBackend backend = CpuBackend.simd(1)) {
      assertThrows(IllegalArgumentException.class, () -> backend.kernel(Widen.class).run(x, out));
    }
  }
}
