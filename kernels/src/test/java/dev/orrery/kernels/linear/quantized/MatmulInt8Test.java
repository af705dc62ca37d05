package dev.orrery.kernels.linear.quantized;

import static dev.orrery.kernels.KernelHarness.refused;
import static dev.orrery.kernels.linear.quantized.LinearHarness.backends;
import static dev.orrery.kernels.linear.quantized.LinearHarness.checkError;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.KernelHarness;
import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.linear.Epilogue;
import dev.orrery.kernels.tensor.Tensor;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MatmulInt8Test extends ScaledMatmulTest<MatmulInt8> {
  MatmulInt8Test() {
    super(ScaledMatmul.INT8);
  }

  /** The largest sums of a depth, and such as only the right product changes. */
  @Test
  void largestSumsAreRight() {
    int depth = 2049;
    byte[] lowest = new byte[depth];
    Arrays.fill(lowest, Byte.MIN_VALUE);
    byte[] one = lowest.clone();
    one[depth - 1] = 1;
    byte[] values = new byte[2 * depth];
    System.arraycopy(lowest, 0, values, 0, depth);
    Arrays.fill(values, depth, 2 * depth, Byte.MAX_VALUE);
    ScaledRows x = Int8Rows.of(values, new float[] {1, 1}, depth);
    ScaledRows weight = Int8Rows.of(join(lowest, one), new float[] {1, 1}, depth);
    float[] expected = {2049 * 16384, 2048 * 16384 - 128, -2049 * 16256, -2048 * 16256 + 127};
    for (CpuBackend backend : backends()) {
      assertArrayEquals(expected, store(backend, x, weight, null), backend.name());
    }
  }

  private static byte[] join(byte[] a, byte[] b) {
    byte[] both = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, both, a.length, b.length);
    return both;
  }

  /** Sums over one block of K are not rounded before they are scaled. */
  @ParameterizedTest
  @CsvSource({"5, 207, 40", "14, 1023, 33", "30, 1024, 70"})
  void sumsOverABlockHaveTheBitsOfTheReference(int rows, int depth, int columns) {
    ScaledRows x = Int8Rows.random(1, rows, depth);
    ScaledRows weight = Int8Rows.random(2, columns, depth);
    float[] expected = store(CpuBackend.reference(1), x, weight, null);
    assertArrayEquals(expected, store(CpuBackend.simd(2), x, weight, null));
  }

  /** Odd sums beyond 2^24, which a block of 1,041 products would round on the way. */
  @Test
  void theLargestSumsAreRoundedOnce() {
    byte[] values = new byte[1100];
    Arrays.fill(values, (byte) 127);
    ScaledRows row = Int8Rows.of(values, new float[] {1}, values.length);
    float[] expected = {127 * 127 * 1100};
    assertArrayEquals(expected, store(CpuBackend.reference(1), row, row, null));
    assertArrayEquals(expected, store(CpuBackend.simd(2), row, row, null));
  }

  /**
   * On normal deviates the product is off by what rounding both operands must cost: errors spread
   * evenly over steps of a scale have the variance scale^2 / 12.
   */
  @Test
  void errorIsThatOfRoundingToEightBits() {
    int rows = 40;
    int depth = 1536;
    int columns = 60;
    Tensor x = KernelHarness.normal(1, rows, depth);
    Tensor weight = KernelHarness.normal(2, columns, depth);
    ScaledRows xRounded = Int8Rows.quantize(x);
    ScaledRows weightRounded = Int8Rows.quantize(weight);
    double expected = Math.sqrt(squaredError(x, xRounded) + squaredError(weight, weightRounded));
    for (CpuBackend backend : backends()) {
      float[] found = store(backend, xRounded, weightRounded, null);
      checkError(backend.name(), x, weight, found, expected);
    }
  }

  /** The variance of a matrix's rounding errors beside its values'. */
  private static double squaredError(Tensor matrix, ScaledRows rounded) {
    float[] scales = rounded.scales().toFloats();
    double error = 0;
    for (float scale : scales) {
      error += (double) scale * scale / 12 * matrix.size(1);
    }
    double norm = 0;
    for (float value : matrix.toFloats()) {
      norm += (double) value * value;
    }
    return error / norm;
  }

  @Test
  void refusesFp8AndDepthsThatOverflow() {
    ScaledRows weight = Int8Rows.random(2, 3, 5);
    ScaledRows fp8 = Fp8Rows.normal(1, 4, 5);
    Epilogue epilogue = new Epilogue.Store(Activation.NONE, KernelHarness.normal(3, 4, 3));
    refused("x: expected I8[4, 5], found F8_E4M3[4, 5]", () -> run(fp8, weight, null, epilogue));
    ScaledRows deep = Int8Rows.random(1, 1, MatmulInt8.MOST_DEPTH + 1);
    Epilogue one = new Epilogue.Store(Activation.NONE, KernelHarness.normal(3, 1, 1));
    refused(
        "x: expected at most 131071 columns, found I8[1, 131072]",
        () -> run(deep, deep, null, one));
  }

  @Override
  ScaledRows rows(float[] values, float... scales) {
    byte[] integers = new byte[values.length];
    for (int i = 0; i < integers.length; i++) {
      integers[i] = (byte) values[i];
    }
    return Int8Rows.of(integers, scales, values.length / scales.length);
  }
}
