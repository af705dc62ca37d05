package dev.orrery.kernels.linear;

import static dev.orrery.kernels.KernelHarness.refused;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.KernelHarness;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MatmulResidualTest {
  /** Depths of one, two and three blocks; one frame, several frames, no gate. */
  @ParameterizedTest
  @CsvSource({
    "1, 1, 1, 1",
    "14, 768, 33, 2",
    "15, 769, 31, 3",
    "39, 1537, 129, 3",
    "207, 40, 17, 9",
    "12, 1536, 64, 12",
    "26, 3073, 33, 2"
  })
  void agreesWithTheReference(int rows, int depth, int columns, int frames) {
    Tensor gate = KernelHarness.normal(4, frames, columns);
    check(DType.F32, rows, depth, columns, gate, true);
    check(DType.BF16, rows, depth, columns, gate, false);
    check(DType.F32, rows, depth, columns, null, true);
  }

  /** Known numbers: 100 + 2 (1 * 3 + 2 * 4 + 10) and 200 - (1 * 5 + 2 * 6 + 20). */
  @Test
  void gatesTheProductAndItsBias() {
    Tensor x = Tensor.of(new float[] {1, 2}, 1, 2);
    Tensor weight = Tensor.of(new float[] {3, 4, 5, 6}, 2, 2);
    Tensor bias = Tensor.of(new float[] {10, 20}, 2);
    Tensor gate = Tensor.of(new float[] {2, -1}, 1, 2);
    for (CpuBackend backend : new CpuBackend[] {CpuBackend.reference(1), CpuBackend.simd(1)}) {
      try (backend) {
        Tensor residual = Tensor.of(new float[] {100, 200}, 1, 2);
        backend.kernel(MatmulResidual.class).run(x, weight, bias, gate, residual);
        KernelHarness.assertClose(
            backend.name(), new float[] {142, 163}, residual.toFloats(), 1e-9);
      }
    }
  }

  @Test
  void refusesShapesThatDoNotFit() {
    Tensor x = KernelHarness.normal(1, 4, 5);
    Tensor weight = KernelHarness.normal(1, 3, 5);
    Tensor residual = KernelHarness.normal(1, 4, 3);
    Tensor threeFrames = KernelHarness.normal(1, 3, 3);
    try (CpuBackend backend = CpuBackend.simd(1)) {
      MatmulResidual matmul = backend.kernel(MatmulResidual.class);
      IllegalArgumentException e =
          assertThrows(
              IllegalArgumentException.class,
              () -> matmul.run(x, weight, null, threeFrames, residual));
      assertTrue(e.getMessage().startsWith("tokens of x: expected"), e.getMessage());
      refused(
          "gate: expected F32[3, 3], found F32[3, 5]",
          () -> matmul.run(x, weight, null, weight, residual));
      refused(
          "residual: expected F32[4, 3], found F32[4, 5]",
          () -> matmul.run(x, weight, null, null, x));
    }
  }

  private static void check(
      DType dtype, int rows, int depth, int columns, Tensor gate, boolean withBias) {
    Tensor x = KernelHarness.normal(1, rows, depth);
    Tensor weight = KernelHarness.normal(2, dtype, columns, depth);
    Tensor bias = withBias ? KernelHarness.normal(3, dtype, columns) : null;
    Tensor before = KernelHarness.normal(5, rows, columns);
    KernelHarness.agree(
        MatmulResidual.class,
        (matmul, out) -> {
          MemorySegment.copy(before.segment(), 0, out.segment(), 0, out.byteSize());
          matmul.run(x, weight, bias, gate, out);
        },
        rows,
        columns);
  }
}
