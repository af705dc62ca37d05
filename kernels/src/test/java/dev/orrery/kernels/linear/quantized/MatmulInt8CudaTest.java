package dev.orrery.kernels.linear.quantized;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.orrery.kernels.cuda.CudaTestDevice;
import dev.orrery.kernels.tensor.DType;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MatmulInt8CudaTest extends ScaledMatmulCudaTest<MatmulInt8> {
  MatmulInt8CudaTest() {
    super(ScaledMatmul.INT8);
  }

  /**
   * Before scales, sums are those of integers: in every tile of the kernel for Hopper, over 9 or
   * more slices for the four slots of wide ones, 14 for the six of narrow ones, and a depth that
   * ends inside a slice.
   */
  @ParameterizedTest
  @CsvSource({
    "130, 1168, 390, 80",
    "130, 1168, 390, 90",
    "129, 1168, 257, 90",
    "130, 1712, 136, 90"
  })
  void sumsAreThoseOfIntegers(int rows, int depth, int columns, int capability) {
    if (!CudaTestDevice.supports(capability)) {
      return;
    }
    byte[] x = new byte[rows * depth];
    byte[] weight = new byte[columns * depth];
    new Random(1).nextBytes(x);
    new Random(2).nextBytes(weight);
    float[] expected = new float[rows * columns];
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        int sum = 0;
        for (int k = 0; k < depth; k++) {
          sum += x[i * depth + k] * weight[j * depth + k];
        }
        expected[i * columns + j] = sum;
      }
    }
    ScaledRows left = Int8Rows.of(x, ones(rows), depth);
    ScaledRows right = Int8Rows.of(weight, ones(columns), depth);
    assertArrayEquals(expected, product(DType.F32, capability, left, right));
  }

  private static float[] ones(int count) {
    float[] ones = new float[count];
    Arrays.fill(ones, 1);
    return ones;
  }

  /** Both end with the same roundings. */
  @ParameterizedTest
  @CsvSource({"F32, 272", "F16, 272", "BF16, 272", "BF16, 1424"})
  void portableAndHopperTilesGiveTheSameBits(DType dtype, int depth) {
    if (!CudaTestDevice.supports(90)) {
      return;
    }
    ScaledRows x = Int8Rows.random(1, 129, depth);
    ScaledRows weight = Int8Rows.random(2, 260, depth);
    assertArrayEquals(product(dtype, 80, x, weight), product(dtype, 90, x, weight));
  }

  /** Tensor cores lose nothing: the bits of sums in int32, beyond what fp32 could add. */
  @ParameterizedTest
  @CsvSource({"1040, 80", "1040, 90"})
  void largestSumsAreExact(int depth, int capability) {
    if (!CudaTestDevice.supports(capability)) {
      return;
    }
    byte[] values = new byte[2 * depth];
    Arrays.fill(values, Byte.MIN_VALUE);
    values[0] = 1;
    values[depth] = Byte.MAX_VALUE;
    ScaledRows rows = Int8Rows.of(values, new float[] {1, 1}, depth);
    int rest = (depth - 1) * 128 * 128;
    float[] expected = {rest + 1, rest + 127, rest + 127, rest + 127 * 127};
    assertArrayEquals(expected, product(DType.F32, capability, rows, rows));
  }
}
