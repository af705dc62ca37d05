package dev.orrery.kernels.elementwise;

import static dev.orrery.kernels.KernelHarness.compute;
import static dev.orrery.kernels.KernelHarness.normal;
import static dev.orrery.kernels.KernelHarness.refused;
import static dev.orrery.kernels.KernelHarness.shared;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.InPlace;
import dev.orrery.kernels.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SoftClampTest {
  @ParameterizedTest
  @ValueSource(ints = {1, 13, 207, 4097})
  void matchesTheFormula(int elements) {
    Tensor x = normal(1, elements);
    float[] expected = x.toFloats();
    for (int i = 0; i < elements; i++) {
      double e = Math.exp(-2 * Math.abs(expected[i] / 0.7));
      expected[i] = (float) Math.copySign(0.7 * (1 - e) / (1 + e), expected[i]);
    }
    float[] found = shared(SoftClamp.class, (k, out) -> k.run(x, 0.7, out), elements);
    assertArrayEquals(expected, found, 1e-7f);
  }

  @Test
  void definition() {
    Tensor x = Tensor.of(new float[] {0, 1, -1, 3, 6, -1e30f}, 6);
    float[] out = compute(CpuBackend.reference(1), SoftClamp.class, (k, o) -> k.run(x, 3, o), 6);
    assertArrayEquals(
        new float[] {0, 0.96453828f, -0.96453828f, 2.2847825f, 2.8920827f, -3}, out, 1e-6f);
  }

  @Test
  void outputMayBeInput() {
    InPlace.same(SoftClamp.class, normal(2, 207), (k, in, out) -> k.run(in, 3, out));
  }

  @Test
  void refusesALimitThatIsNotPositive() {
    Tensor x = normal(3, 4);
    try (CpuBackend backend = CpuBackend.simd(1)) {
      SoftClamp clamp = backend.kernel(SoftClamp.class);
      refused("limit: expected a positive number, found 0.0", () -> clamp.run(x, 0, x));
      refused("limit: expected a positive number, found NaN", () -> clamp.run(x, Double.NaN, x));
    }
  }
}
