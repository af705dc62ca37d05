package dev.orrery.kernels.norm;

import static dev.orrery.kernels.KernelHarness.agree;
import static dev.orrery.kernels.KernelHarness.compute;
import static dev.orrery.kernels.KernelHarness.normal;
import static dev.orrery.kernels.KernelHarness.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.InPlace;
import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class GroupNormTest {
  private static final double EPS = 1e-6;

  /** Pictures, positions, channels, groups; blocks of the Vector API have some 8192 values. */
  @ParameterizedTest
  @CsvSource({
    "1, 4096, 128, 32",
    "2, 256, 512, 32",
    "3, 207, 96, 8",
    "2, 1001, 13, 1",
    "2, 1001, 13, 13",
    "1, 5, 20000, 5",
    "1, 1, 6, 2",
    "2, 10000, 1, 1",
    "1, 1, 1, 1",
    "0, 3, 4, 2",
    "2, 0, 4, 2"
  })
  void agreesWithReference(int pictures, int positions, int channels, int groups) {
    Tensor x = normal(1, pictures, positions, channels);
    for (DType dtype : new DType[] {DType.F32, DType.BF16, DType.F16}) {
      Tensor weight = normal(2, dtype, channels);
      Tensor bias = normal(3, dtype, channels);
      agree(
          GroupNorm.class,
          (k, out) -> k.run(x, groups, weight, bias, EPS, Activation.NONE, out),
          pictures,
          positions,
          channels);
    }
  }

  @ParameterizedTest
  @EnumSource(Activation.class)
  void appliesTheActivation(Activation activation) {
    Tensor x = normal(4, 2, 300, 36);
    Tensor weight = normal(5, 36);
    Tensor bias = normal(6, 36);
    agree(GroupNorm.class, (k, out) -> k.run(x, 3, weight, bias, EPS, activation, out), 2, 300, 36);
  }

  /** Spread 3e-4 makes the variance smaller than eps; a mean of a thousand hides the spread. */
  @ParameterizedTest
  @CsvSource({"0, 3e-4", "1000, 1", "-1000, 0.1", "3, 3e-4", "1e6, 50"})
  void accurateForSmallSpreadAndLargeMean(float mean, float spread) {
    float[] values = normal(7, 2 * 3000 * 24).toFloats();
    for (int i = 0; i < values.length; i++) {
      values[i] = mean + spread * values[i];
    }
    agreeOn(values, 3000, 24, 6);
  }

  /** What one block has says nothing about another: a slope, and a bright spot at the end. */
  @Test
  void accurateForPicturesThatChange() {
    float[] slope = normal(8, 2 * 3000 * 24).toFloats();
    float[] spot = slope.clone();
    for (int i = 0; i < slope.length; i++) {
      slope[i] += i / 24 % 3000;
      spot[i] += i / 24 % 3000 > 2990 ? 1e4f : 0;
    }
    agreeOn(slope, 3000, 24, 6);
    agreeOn(spot, 3000, 24, 6);
  }

  private static void agreeOn(float[] values, int positions, int channels, int groups) {
    int pictures = values.length / positions / channels;
    Tensor x = Tensor.of(values, pictures, positions, channels);
    Tensor weight = normal(9, channels);
    Tensor bias = normal(10, channels);
    agree(
        GroupNorm.class,
        (k, out) -> k.run(x, groups, weight, bias, EPS, Activation.NONE, out),
        pictures,
        positions,
        channels);
  }

  /** Channels 0 and 1 have mean 3 and variance 1, channel 2 and 3 mean 0 and variance 4. */
  @Test
  void definition() {
    Tensor x = Tensor.of(new float[] {2, 4, -2, -2, 4, 2, 2, 2}, 1, 2, 4);
    Tensor weight = Tensor.of(new float[] {2, 4, 3, 1}, 4);
    Tensor bias = Tensor.of(new float[] {1, 0, 0.5f, 0}, 4);
    // With eps 0 the deviations are 1 and 2.
    float[] expected = {-1, 4, -2.5f, -1, 3, -4, 3.5f, 1};
    assertArrayEquals(
        expected,
        compute(
            CpuBackend.reference(1),
            GroupNorm.class,
            (k, o) -> k.run(x, 2, weight, bias, 0, Activation.NONE, o),
            1,
            2,
            4));
  }

  /** The eps is added to the variance: with variance 1 and eps 3 the divisor is 2. */
  @Test
  void epsLiesInsideTheRoot() {
    Tensor x = Tensor.of(new float[] {2, 4, 4, 2}, 1, 2, 2);
    Tensor ones = Tensor.of(new float[] {1, 1}, 2);
    Tensor zeros = Tensor.of(new float[] {0, 0}, 2);
    assertArrayEquals(
        new float[] {-0.5f, 0.5f, 0.5f, -0.5f},
        compute(
            CpuBackend.reference(1),
            GroupNorm.class,
            (k, o) -> k.run(x, 1, ones, zeros, 3, Activation.NONE, o),
            1,
            2,
            2));
  }

  @Test
  void outputMayBeInput() {
    Tensor weight = normal(11, 20);
    Tensor bias = normal(12, 20);
    InPlace.same(
        GroupNorm.class,
        normal(13, 2, 1300, 20),
        (k, in, out) -> k.run(in, 5, weight, bias, EPS, Activation.SILU, out));
  }

  @Test
  void refusesWhatDoesNotFit() {
    Tensor x = normal(1, 2, 3, 12);
    Tensor vector = normal(2, 12);
    try (CpuBackend backend = CpuBackend.simd(1)) {
      GroupNorm norm = backend.kernel(GroupNorm.class);
      for (int groups : new int[] {0, -4, 5, 24}) {
        refused(
            "channels of x: expected a multiple of groups = " + groups + ", found 12",
            () -> norm.run(x, groups, vector, vector, EPS, Activation.NONE, x));
      }
      refused(
          "bias: expected F32, F16 or BF16 [12], found F32[11]",
          () -> norm.run(x, 4, vector, normal(3, 11), EPS, Activation.NONE, x));
      refused(
          "out: expected F32[2, 3, 12], found F32[2, 36]",
          () -> norm.run(x, 4, vector, vector, EPS, Activation.NONE, x.reshape(2, 36)));
    }
  }
}
