package dev.orrery.kernels.sampling;

import static dev.orrery.kernels.KernelHarness.compute;
import static dev.orrery.kernels.KernelHarness.normal;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.InPlace;
import dev.orrery.kernels.KernelHarness;
import dev.orrery.kernels.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AddNoiseTest {
  private static final float SIGMA = 0.71398f;

  /** Bit for bit: a fused multiply-add is a failure. */
  @ParameterizedTest
  @ValueSource(ints = {1, 13, 207, 4097, 100_003})
  void equalsReference(int elements) {
    Tensor clean = normal(1, elements);
    Tensor noise = normal(2, elements);
    KernelHarness.Run<AddNoise> run = (k, out) -> k.run(clean, noise, SIGMA, out);
    float[] expected = compute(CpuBackend.reference(1), AddNoise.class, run, elements);
    assertArrayEquals(expected, compute(CpuBackend.simd(1), AddNoise.class, run, elements));
    assertArrayEquals(expected, compute(CpuBackend.simd(3), AddNoise.class, run, elements));
  }

  @Test
  void definition() {
    Tensor clean = Tensor.of(new float[] {1, 2, -4}, 3);
    Tensor noise = Tensor.of(new float[] {8, 16, 4}, 3);
    float[] out =
        compute(
            CpuBackend.reference(1), AddNoise.class, (k, o) -> k.run(clean, noise, 0.25f, o), 3);
    assertArrayEquals(new float[] {2.75f, 5.5f, -2}, out);
  }

  @Test
  void outputMayBeEitherInput() {
    Tensor other = normal(3, 100_003);
    Tensor replaced = normal(4, 100_003);
    InPlace.same(AddNoise.class, replaced, (k, in, out) -> k.run(in, other, SIGMA, out));
    InPlace.same(AddNoise.class, replaced, (k, in, out) -> k.run(other, in, SIGMA, out));
  }
}
