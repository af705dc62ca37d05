package dev.orrery.kernels.sampling;

import static dev.orrery.kernels.KernelHarness.compute;
import static dev.orrery.kernels.KernelHarness.normal;
import static dev.orrery.kernels.KernelHarness.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.InPlace;
import dev.orrery.kernels.KernelHarness.Run;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LinearCombinationTest {
  private static final double A = 0.0911572265624999;
  private static final double B = -0.9088427734375001;
  private static final double C = 1.3;

  /** Latents of a frame of Oasis and of a chunk of Matrix-Game 2.0, and odd numbers; every bit. */
  @ParameterizedTest
  @ValueSource(ints = {1, 13, 207, 9216, 32769, 168_960, 100_003})
  void equalsReference(int elements) {
    Tensor x = normal(1, elements);
    Tensor y = normal(2, elements);
    Tensor z = normal(3, elements);
    equalsReference((k, out) -> k.run(A, x, B, y, out), elements);
    equalsReference((k, out) -> k.run(A, x, B, y, C, z, out), elements);
  }

  private static void equalsReference(Run<LinearCombination> run, int elements) {
    float[] expected = reference(run, elements);
    assertArrayEquals(
        expected, compute(CpuBackend.simd(1), LinearCombination.class, run, elements));
    assertArrayEquals(
        expected, compute(CpuBackend.simd(3), LinearCombination.class, run, elements));
  }

  private static float[] reference(Run<LinearCombination> run, int elements) {
    return compute(CpuBackend.reference(1), LinearCombination.class, run, elements);
  }

  @Test
  void definition() {
    Tensor x = Tensor.of(new float[] {1, 2, -4}, 3);
    Tensor y = Tensor.of(new float[] {8, 16, 4}, 3);
    Tensor z = Tensor.of(new float[] {1, 10, 100}, 3);
    assertArrayEquals(
        new float[] {-1.5f, -3, -12}, reference((k, o) -> k.run(2.5, x, -0.5, y, o), 3));
    assertArrayEquals(
        new float[] {1.5f, 27, 288}, reference((k, o) -> k.run(2.5, x, -0.5, y, 3, z, o), 3));
  }

  /**
   * With fp32 factors, products or sums, nothing is left of these: {@code 1 - (1 - 2^-23)(1 +
   * 2^-23) = 2^-46}, and {@code 1 + 2^-30 - 1}.
   */
  @Test
  void computesInDoublePrecision() {
    Tensor one = Tensor.of(new float[] {1}, 1);
    Tensor more = Tensor.of(new float[] {1 + 0x1p-23f}, 1);
    double less = 1 - 0x1p-23;
    assertArrayEquals(
        new float[] {0x1p-46f}, reference((k, o) -> k.run(1, one, -less, more, o), 1));
    assertArrayEquals(
        new float[] {0x1p-30f}, reference((k, o) -> k.run(1, one, 0x1p-30, one, -1, one, o), 1));
  }

  /** Products are rounded alike, so that equal ones cancel; a fused multiply-add leaves a rest. */
  @Test
  void equalProductsCancel() {
    Tensor x = normal(1, 1003);
    float[] zeros = new float[1003];
    assertArrayEquals(zeros, reference((k, o) -> k.run(1.0 / 3, x, -1.0 / 3, x, o), 1003));
    equalsReference((k, o) -> k.run(1.0 / 3, x, -1.0 / 3, x, o), 1003);
    equalsReference((k, o) -> k.run(0.1, x, 0.2, x, -0.3, x, o), 1003);
  }

  @Test
  void outputMayBeAnyInput() {
    Tensor other = normal(3, 100_003);
    Tensor third = normal(5, 100_003);
    Tensor replaced = normal(4, 100_003);
    inPlace(replaced, (k, in, out) -> k.run(A, in, B, other, out));
    inPlace(replaced, (k, in, out) -> k.run(A, other, B, in, out));
    inPlace(replaced, (k, in, out) -> k.run(A, in, B, other, C, third, out));
    inPlace(replaced, (k, in, out) -> k.run(A, other, B, in, C, third, out));
    inPlace(replaced, (k, in, out) -> k.run(A, other, B, third, C, in, out));
  }

  private static void inPlace(Tensor replaced, InPlace.Run<LinearCombination> run) {
    InPlace.same(LinearCombination.class, replaced, run);
  }

  @Test
  void refusesWhatDoesNotFit() {
    try (CpuBackend backend = CpuBackend.simd(1)) {
      LinearCombination kernel = backend.kernel(LinearCombination.class);
      Tensor x = normal(1, 2, 3);
      refused(
          "y: expected F32[2, 3], found F32[3, 2]", () -> kernel.run(A, x, B, normal(2, 3, 2), x));
      refused(
          "z: expected F32[2, 3], found F32[6]", () -> kernel.run(A, x, B, x, C, normal(2, 6), x));
      refused(
          "x: expected F32[2, 3], found BF16[2, 3]",
          () -> kernel.run(A, normal(1, DType.BF16, 2, 3), B, x, x));
      refused(
          "out: expected F32[2, 3], found F32[2, 4]",
          () -> kernel.run(A, x, B, x, C, x, normal(2, 2, 4)));
    }
  }
}
