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

class VelocityToCleanTest {
  private static final double SIGMA = 0.9088427734375001;

  /** Bit for bit: one more rounding, say sigma in fp32, is a failure. */
  @ParameterizedTest
  @ValueSource(ints = {1, 13, 207, 4097, 100_003})
  void equalsReference(int elements) {
    Tensor noisy = normal(1, elements);
    Tensor velocity = normal(2, elements);
    KernelHarness.Run<VelocityToClean> run = (k, out) -> k.run(noisy, velocity, SIGMA, out);
    float[] expected = compute(CpuBackend.reference(1), VelocityToClean.class, run, elements);
    assertArrayEquals(expected, compute(CpuBackend.simd(1), VelocityToClean.class, run, elements));
    assertArrayEquals(expected, compute(CpuBackend.simd(3), VelocityToClean.class, run, elements));
  }

  /** In fp32 the product rounds to 1, and the difference of 2^-46 is lost. */
  @Test
  void computesInDoublePrecision() {
    float noisy = 1;
    float velocity = 1 + 0x1p-23f;
    double sigma = 1 - 0x1p-23;
    Tensor noisies = Tensor.of(new float[] {noisy}, 1);
    Tensor velocities = Tensor.of(new float[] {velocity}, 1);
    float[] out =
        compute(
            CpuBackend.reference(1),
            VelocityToClean.class,
            (k, o) -> k.run(noisies, velocities, sigma, o),
            1);
    assertArrayEquals(new float[] {0x1p-46f}, out);
  }

  @Test
  void outputMayBeEitherInput() {
    Tensor other = normal(3, 100_003);
    Tensor replaced = normal(4, 100_003);
    InPlace.same(VelocityToClean.class, replaced, (k, in, out) -> k.run(in, other, SIGMA, out));
    InPlace.same(VelocityToClean.class, replaced, (k, in, out) -> k.run(other, in, SIGMA, out));
  }
}
