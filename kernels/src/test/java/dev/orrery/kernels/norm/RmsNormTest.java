package dev.orrery.kernels.norm;

import static dev.orrery.kernels.KernelHarness.agree;
import static dev.orrery.kernels.KernelHarness.compute;
import static dev.orrery.kernels.KernelHarness.normal;
import static dev.orrery.kernels.KernelHarness.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.InPlace;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RmsNormTest {
  private static final double EPS = 1e-6;

  @ParameterizedTest
  @CsvSource({"1,1", "1,13", "3,207", "13,16", "207,48", "1001,64", "50,1536"})
  void agreesWithReference(int rows, int columns) {
    Tensor x = normal(1, rows, columns);
    for (DType dtype : new DType[] {DType.F32, DType.BF16, DType.F16}) {
      Tensor weight = normal(2, dtype, columns);
      agree(RmsNorm.class, (k, out) -> k.run(x, weight, EPS, out), rows, columns);
    }
    agree(RmsNorm.class, (k, out) -> k.run(x, null, EPS, out), rows, columns);
  }

  @Test
  void definition() {
    Tensor x = Tensor.of(new float[] {3, 4, 0, 0}, 2, 2);
    Tensor weight = Tensor.of(new float[] {10, 100}, 2);
    float[] out =
        compute(CpuBackend.reference(1), RmsNorm.class, (k, o) -> k.run(x, weight, 3.5, o), 2, 2);
    assertArrayEquals(new float[] {7.5f, 100, 0, 0}, out);
  }

  @Test
  void epsMattersForSmallInputs() {
    float[] small = normal(3, 7 * 1536).toFloats();
    for (int i = 0; i < small.length; i++) {
      small[i] *= 3e-4f;
    }
    Tensor x = Tensor.of(small, 7, 1536);
    agree(RmsNorm.class, (k, out) -> k.run(x, null, EPS, out), 7, 1536);
  }

  @Test
  void outputMayBeInput() {
    Tensor weight = normal(4, 207);
    InPlace.same(RmsNorm.class, normal(5, 300, 207), (k, in, out) -> k.run(in, weight, EPS, out));
  }

  @Test
  void refusesWeightOfOtherLength() {
    Tensor x = normal(6, 3, 8);
    Tensor weight = normal(7, 7);
    try (CpuBackend backend = CpuBackend.simd(1)) {
      RmsNorm kernel = backend.kernel(RmsNorm.class);
      refused(
          "weight: expected F32, F16 or BF16 [8], found F32[7]",
          () -> kernel.run(x, weight, EPS, x));
    }
  }
}
