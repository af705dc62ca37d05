package dev.orrery.kernels.elementwise;

import static dev.orrery.kernels.KernelHarness.agree;
import static dev.orrery.kernels.KernelHarness.compute;
import static dev.orrery.kernels.KernelHarness.normal;
import static dev.orrery.kernels.KernelHarness.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModulationTest {
  @ParameterizedTest
  @CsvSource({"1,1,1", "6,3,13", "2,5,207", "6,3,1536", "2,40,1536"})
  void agreesWithReference(int vectors, int frames, int channels) {
    Tensor each = normal(1, vectors, frames, channels);
    Tensor shared = normal(2, 1, frames, channels);
    for (DType dtype : new DType[] {DType.F32, DType.BF16, DType.F16}) {
      Tensor table = normal(3, dtype, vectors, channels);
      agree(Modulation.class, (k, out) -> k.run(table, each, out), vectors, frames, channels);
      agree(Modulation.class, (k, out) -> k.run(table, shared, out), vectors, frames, channels);
    }
  }

  @Test
  void definition() {
    Tensor table = Tensor.of(new float[] {1, 2}, 2, 1);
    Tensor shared = Tensor.of(new float[] {10, 20}, 1, 2, 1);
    Tensor each = Tensor.of(new float[] {10, 20, 30, 40}, 2, 2, 1);
    assertArrayEquals(new float[] {11, 21, 12, 22}, reference(table, shared));
    assertArrayEquals(new float[] {11, 21, 32, 42}, reference(table, each));
  }

  @Test
  void refusesAnotherNumberOfVectors() {
    Tensor table = normal(4, 6, 8);
    Tensor embedding = normal(5, 2, 3, 8);
    Tensor out = normal(6, 6, 3, 8);
    try (CpuBackend backend = CpuBackend.simd(1)) {
      Modulation kernel = backend.kernel(Modulation.class);
      refused(
          "embedding: expected F32[6, 3, 8], found F32[2, 3, 8]",
          () -> kernel.run(table, embedding, out));
    }
  }

  private static float[] reference(Tensor table, Tensor embedding) {
    return compute(
        CpuBackend.reference(1), Modulation.class, (k, o) -> k.run(table, embedding, o), 2, 2, 1);
  }
}
