package dev.orrery.kernels.linear.quantized;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.orrery.kernels.cuda.CudaTestDevice;
import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Float8;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MatmulFp8CudaTest extends ScaledMatmulCudaTest<MatmulFp8> {
  private static final byte NAN = 0x7f;

  MatmulFp8CudaTest() {
    super(ScaledMatmul.FP8);
  }

  /** Hopper's ring of six slots gets 2 x 7 slices of 128. */
  @Test
  void tensorCoresOfHopperAgreeWithTheReference() {
    agree(DType.BF16, ScaledMatmul.FP8.stored(600, 816, 120, Activation.NONE));
    agree(DType.F32, ScaledMatmul.FP8.stored(600, 816, 120, Activation.NONE));
  }

  /**
   * Known values, in all places of a word and in both operands: 254 codes, and two that are NaN.
   */
  @ParameterizedTest
  @CsvSource({"256, F32, 80", "256, BF16, 90", "257, F32, 80"})
  void everyCodeStandsForItsValue(int depth, DType dtype, int capability) {
    if (!CudaTestDevice.supports(capability)) {
      return;
    }
    byte[] codes = new byte[depth];
    byte[] identity = new byte[depth * depth];
    float[] ones = new float[depth];
    Arrays.fill(ones, 1);
    float[] expected = new float[depth];
    for (int k = 0; k < depth; k++) {
      codes[k] = (k & NAN) == NAN ? 0 : (byte) k;
      // Sums begin at a zero without sign.
      expected[k] = 0 + Float8.decode(codes[k]);
      identity[k * depth + k] = Float8.encode(1);
    }
    ScaledRows all = Fp8Rows.of(codes, new float[] {1}, depth);
    ScaledRows unit = Fp8Rows.of(identity, ones, depth);
    assertArrayEquals(expected, product(dtype, capability, unit, all));
    assertArrayEquals(expected, product(dtype, capability, all, unit));
    for (int k = 0; k < 4; k++) {
      codes[k] = (byte) (k % 2 == 0 ? NAN : 0x80 | NAN);
      ScaledRows withNan = Fp8Rows.of(codes, new float[] {1}, depth);
      float[] nans = new float[depth];
      Arrays.fill(nans, Float.NaN);
      assertArrayEquals(nans, product(dtype, capability, unit, withNan));
      assertArrayEquals(nans, product(dtype, capability, withNan, unit));
      codes[k] = 0;
    }
  }
}
