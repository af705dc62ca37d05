package dev.orrery.kernels.linear.quantized;

import static dev.orrery.kernels.KernelHarness.refused;
import static dev.orrery.kernels.linear.quantized.LinearHarness.backends;
import static dev.orrery.kernels.linear.quantized.LinearHarness.checkError;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.KernelHarness;
import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.linear.Epilogue;
import dev.orrery.kernels.tensor.Float8;
import dev.orrery.kernels.tensor.Tensor;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class MatmulFp8Test extends ScaledMatmulTest<MatmulFp8> {
  private static final byte ONE = Float8.encode(1);
  private static final byte NAN = 0x7f;

  MatmulFp8Test() {
    super(ScaledMatmul.FP8);
  }

  /** Known values in whole vectors and in what is left: 254 codes of each operand. */
  @Test
  void everyCodeStandsForItsValue() {
    int depth = 254;
    byte[] codes = new byte[depth];
    float[] expected = new float[depth];
    byte[] identity = new byte[depth * depth];
    for (int k = 0; k < depth; k++) {
      // All but the two that are NaN.
      codes[k] = (byte) (k < NAN ? k : k + 1);
      expected[k] = Float8.decode(codes[k]);
      identity[k * depth + k] = ONE;
    }
    float[] ones = new float[depth];
    Arrays.fill(ones, 1);
    ScaledRows all = Fp8Rows.of(codes, new float[] {1}, depth);
    ScaledRows unit = Fp8Rows.of(identity, ones, depth);
    for (CpuBackend backend : backends()) {
      assertArrayEquals(expected, store(backend, unit, all, null), 0, backend.name());
    }
    for (CpuBackend backend : backends()) {
      assertArrayEquals(expected, store(backend, all, unit, null), 0, backend.name());
    }
  }

  /** The largest sum that 1536 products can have is far from what overflows. */
  @Test
  void largestValuesDoNotOverflow() {
    int depth = 1536;
    byte[] codes = new byte[depth];
    Arrays.fill(codes, Float8.encode(Float8.MAX));
    ScaledRows x = Fp8Rows.of(codes, new float[] {1}, depth);
    ScaledRows weight = Fp8Rows.of(codes, new float[] {-1}, depth);
    for (CpuBackend backend : backends()) {
      // 448^2 = 49 * 2^12, and 49 * 1536 is no longer than a mantissa: every partial sum is exact.
      assertArrayEquals(new float[] {-448f * 448 * depth}, store(backend, x, weight, null));
    }
  }

  /** NaN in a value stays in its row or column, whatever the scales. */
  @Test
  void nanOfAValueStaysWhereItIs() {
    int depth = 40;
    byte[] xs = new byte[4 * depth];
    Arrays.fill(xs, ONE);
    xs[3 * depth + 7] = NAN;
    ScaledRows x = Fp8Rows.of(xs, new float[] {1, 0, Float.NaN, 1}, depth);
    byte[] weights = new byte[3 * depth];
    Arrays.fill(weights, ONE);
    weights[2 * depth + 39] = (byte) (NAN | 0x80);
    ScaledRows weight = Fp8Rows.of(weights, new float[] {1, 0, 1}, depth);
    Tensor bias = Tensor.of(new float[] {2, 3, 4}, 3);
    float nan = Float.NaN;
    float[] expected = {42, 3, nan, 2, 3, nan, nan, nan, nan, nan, nan, nan};
    for (CpuBackend backend : backends()) {
      assertArrayEquals(expected, store(backend, x, weight, bias), 0, backend.name());
    }
  }

  /**
   * On normal deviates the product is off by what rounding both operands must cost: errors spread
   * evenly over the gaps of the type have the variance gap^2 / 12.
   */
  @Test
  void errorIsThatOfRoundingToThreeBitsOfMantissa() {
    int rows = 40;
    int depth = 1536;
    int columns = 60;
    Tensor x = KernelHarness.normal(1, rows, depth);
    Tensor weight = KernelHarness.normal(2, columns, depth);
    ScaledRows xRounded = Fp8Rows.quantize(x.toFloats(), rows, depth);
    ScaledRows weightRounded = Fp8Rows.quantize(weight.toFloats(), columns, depth);
    double expected = Math.sqrt(squaredError(x) + squaredError(weight));
    for (CpuBackend backend : backends()) {
      float[] found = store(backend, xRounded, weightRounded, null);
      checkError(backend.name(), x, weight, found, expected);
    }
  }

  /** The variance of a matrix's rounding errors beside its values'. */
  private static double squaredError(Tensor matrix) {
    float[] values = matrix.toFloats();
    int columns = matrix.size(1);
    double error = 0;
    double norm = 0;
    for (int i = 0; i < values.length; i++) {
      float scale = Fp8Rows.scale(values, i / columns, columns);
      // Eight steps from a power of two to the next; below 2^-6 as far apart as above it.
      int exponent = Math.max(-6, Math.getExponent(values[i] / scale));
      double gap = Math.scalb(scale, exponent - 3);
      error += gap * gap / 12;
      norm += (double) values[i] * values[i];
    }
    return error / norm;
  }

  @Test
  void refusesInt8() {
    ScaledRows weight = Fp8Rows.normal(2, 3, 5);
    ScaledRows int8 = Int8Rows.random(1, 4, 5);
    Epilogue epilogue = new Epilogue.Store(Activation.NONE, KernelHarness.normal(3, 4, 3));
    refused("x: expected F8_E4M3[4, 5], found I8[4, 5]", () -> run(int8, weight, null, epilogue));
  }

  @Override
  ScaledRows rows(float[] values, float... scales) {
    byte[] codes = new byte[values.length];
    for (int i = 0; i < codes.length; i++) {
      codes[i] = Float8.encode(values[i]);
    }
    return Fp8Rows.of(codes, scales, values.length / scales.length);
  }
}
