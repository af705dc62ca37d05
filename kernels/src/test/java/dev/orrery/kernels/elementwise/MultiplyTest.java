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

class MultiplyTest {
  @ParameterizedTest
  @ValueSource(ints = {1, 13, 207, 4096, 4097, 32768, 100_003})
  void agreesWithReference(int elements) {
    Tensor a = normal(1, elements);
    Tensor b = normal(2, elements);
    agree(Multiply.class, (k, out) -> k.run(a, b, out), elements);
  }

  @Test
  void definition() {
    Tensor a = Tensor.of(new float[] {1, 2, 3, 4}, 2, 2);
    Tensor b = Tensor.of(new float[] {10, 20, 30, 40}, 2, 2);
    float[] out = compute(CpuBackend.reference(1), Multiply.class, (k, o) -> k.run(a, b, o), 2, 2);
    assertArrayEquals(new float[] {10, 40, 90, 160}, out);
  }

  @Test
  void outputMayBeEitherInput() {
    Tensor other = normal(3, 100_003);
    Tensor replaced = normal(4, 100_003);
    InPlace.same(Multiply.class, replaced, (k, in, out) -> k.run(in, other, out));
    InPlace.same(Multiply.class, replaced, (k, in, out) -> k.run(other, in, out));
  }
}
