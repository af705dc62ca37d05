package dev.orrery.kernels.conv;

import static dev.orrery.kernels.KernelHarness.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.KernelHarness;
import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.cpu.FloatView;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Shape;
import dev.orrery.kernels.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class ConvWeightOrderTest {
  private static void run(Tensor stored, Tensor out) {
    try (Backend backend = CpuBackend.simd(2)) {
      backend.kernel(ConvWeightOrder.class).run(stored, out);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"F32", "F16", "BF16"})
  void movesEveryValueOfA3dWeight(DType dtype) {
    Tensor stored = KernelHarness.normal(1, dtype, 5, 3, 3, 1, 2);
    byte[] moved =
        KernelHarness.shared(
            ConvWeightOrder.class, dtype, (kernel, out) -> kernel.run(stored, out), 3, 1, 2, 3, 5);
    FloatView from = FloatView.of(stored);
    FloatView to =
        FloatView.of(
            Tensor.host(
                dtype, Shape.of(moved.length / dtype.byteSize()), MemorySegment.ofArray(moved)));
    for (int o = 0; o < 5; o++) {
      for (int i = 0; i < 3; i++) {
        for (int a = 0; a < 3; a++) {
          for (int c = 0; c < 2; c++) {
            float expected = from.get(((o * 3 + i) * 3 + a) * 2 + c);
            assertEquals(expected, to.get(((a * 2 + c) * 3 + i) * 5 + o));
          }
        }
      }
    }
  }

  @Test
  void derivesTheShapeOfA2dWeight() {
    assertEquals(Shape.of(3, 2, 7, 13), ConvWeightOrder.channelsLast(Shape.of(13, 7, 3, 2)));
  }

  @Test
  void refusesAnotherShapeOrDtype() {
    Tensor stored = KernelHarness.normal(1, DType.BF16, 4, 3, 1, 1);
    Tensor wrongShape = KernelHarness.normal(1, DType.BF16, 1, 1, 4, 3);
    Tensor wrongType = KernelHarness.normal(1, DType.F16, 1, 1, 3, 4);
    refused(
        "out: expected BF16[1, 1, 3, 4], found BF16[1, 1, 4, 3]", () -> run(stored, wrongShape));
    refused("out: expected BF16[1, 1, 3, 4], found F16[1, 1, 3, 4]", () -> run(stored, wrongType));
  }
}
