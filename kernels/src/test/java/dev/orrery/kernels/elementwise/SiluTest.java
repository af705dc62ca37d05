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

class SiluTest {
  @ParameterizedTest
  @ValueSource(ints = {1, 13, 207, 4097, 100_003})
  void agreesWithReference(int elements) {
    Tensor x = normal(1, elements);
    agree(Silu.class, (k, out) -> k.run(x, out), elements);
  }

  /**
   * Far from zero on both sides; each value is a case of its own. Between -109 and -88, where
   * exp(-x) overflows in fp32 and the result is below 1e-36, the fast kernel gives zero.
   */
  @ParameterizedTest
  @ValueSource(floats = {-1e4f, -200, -87, -20, -1, -1e-5f, 0, 1e-5f, 1, 20, 87, 90, 1e4f})
  void agreesWithReferenceFarFromZero(float value) {
    Tensor x = Tensor.of(new float[] {value}, 1);
    agree(Silu.class, (k, out) -> k.run(x, out), 1);
  }

  @Test
  void definition() {
    Tensor x = Tensor.of(new float[] {0, 1, -1}, 3);
    float[] out = compute(CpuBackend.reference(1), Silu.class, (k, o) -> k.run(x, o), 3);
    assertArrayEquals(new float[] {0, 0.7310586f, -0.26894143f}, out, 1e-7f);
  }

  @Test
  void outputMayBeInput() {
    InPlace.same(Silu.class, normal(2, 100_003), (k, in, out) -> k.run(in, out));
  }
}
