package dev.orrery.kernels.elementwise;

import static dev.orrery.kernels.KernelHarness.agree;
import static dev.orrery.kernels.KernelHarness.compute;
import static dev.orrery.kernels.KernelHarness.normal;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.InPlace;
import dev.orrery.kernels.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReluTest {
  @ParameterizedTest
  @ValueSource(ints = {1, 13, 207, 4097, 100_003})
  void agreesWithReference(int elements) {
    Tensor x = normal(1, elements);
    agree(Relu.class, (k, out) -> k.run(x, out), elements);
  }

  @Test
  void definition() {
    Tensor x = Tensor.of(new float[] {-1e30f, -1, -1e-30f, -0f, 0, 1e-30f, 1, 1e30f}, 8);
    float[] expected = {0, 0, 0, 0, 0, 1e-30f, 1, 1e30f};
    assertArrayEquals(
        expected, compute(CpuBackend.reference(1), Relu.class, (k, out) -> k.run(x, out), 8));
    assertArrayEquals(
        expected, compute(CpuBackend.simd(1), Relu.class, (k, out) -> k.run(x, out), 8));
  }

  @Test
  void outputMayBeInput() {
    InPlace.same(Relu.class, normal(2, 100_003), (k, in, out) -> k.run(in, out));
  }
}
