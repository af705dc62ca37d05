package dev.orrery.runtime.quantize;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.tensor.Float8;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.runtime.checkpoint.Quantization;
import dev.orrery.runtime.random.GaussianNoise;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class QuantizedMatrixTest {
  private static final int ROWS = 64;
  private static final int COLUMNS = 1536;

  @Test
  void int8RowsReachTheirLimit() {
    Tensor matrix = Tensor.of(new float[] {254, -3, 1, 0, 0, 0, -127e-3f, 0.4e-3f, 0.6e-3f}, 3, 3);
    QuantizedMatrix quantized = of(matrix, Quantization.INT8);
    // 3 and 1 are halves of a step; ties go to even.
    assertArrayEquals(new byte[] {127, -2, 0, 0, 0, 0, -127, 0, 1}, bytes(quantized));
    assertArrayEquals(new float[] {2, 0, 1e-3f}, quantized.scales().toFloats(), 1e-9f);
    assertEquals(1, quantized.error().largest());
    double squares = 254.0 * 254 + 9 + 1 + 127e-3 * 127e-3;
    assertEquals(Math.sqrt((1 + 1 + 0.16e-6 * 2) / squares), quantized.error().relativeL2(), 1e-9);
  }

  @Test
  void fp8RowsReachTheirLimit() {
    Tensor matrix = Tensor.of(new float[] {896, -2, 34, 0, 0, 0}, 2, 3);
    QuantizedMatrix quantized = of(matrix, Quantization.FP8);
    byte[] codes = bytes(quantized);
    assertArrayEquals(new float[] {2, 0}, quantized.scales().toFloats());
    // 17 lies between 16 and 18; ties go to even.
    float[] expected = {448, -1, 16, 0, 0, 0};
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i], Float8.decode(codes[i]), "element " + i);
    }
    assertEquals(2, quantized.error().largest());
  }

  @Test
  void fourBitsAreTwoInAByteTheEvenOneLow() {
    float[] row = new float[64];
    row[0] = -7;
    row[1] = 3;
    row[63] = 0.5f;
    row[62] = -0.3f;
    QuantizedMatrix quantized = of(Tensor.of(row, 1, 64), Quantization.int4(32));
    byte[] codes = bytes(quantized);
    assertEquals(32, codes.length);
    assertEquals((3 + 8) << 4 | -7 + 8, codes[0] & 0xff);
    assertEquals(8 << 4 | 8, codes[1] & 0xff);
    assertEquals((7 + 8) << 4 | -4 + 8, codes[31] & 0xff);
    assertArrayEquals(new float[] {1, 0.5f / 7}, quantized.scales().toFloats());
  }

  @Test
  void zerosHaveNoScaleAndNoError() {
    for (Quantization form :
        new Quantization[] {Quantization.INT8, Quantization.FP8, Quantization.int4(64)}) {
      for (ScaleChoice choice : ScaleChoice.values()) {
        QuantizedMatrix quantized =
            QuantizedMatrix.of(Tensor.of(new float[128], 1, 128), form, choice);
        assertEquals(new QuantizationError(0, 0), quantized.error());
        assertEquals(0, quantized.scales().toFloats()[0]);
      }
    }
  }

  /** Values so small that their scale is hardly a number, and as large as any. */
  @ParameterizedTest
  @ValueSource(floats = {190 * Float.MIN_VALUE, 60 * Float.MIN_VALUE, Float.MAX_VALUE / 2})
  void survivesTheEndsOfTheRange(float value) {
    float[] row = new float[64];
    for (int k = 0; k < row.length; k++) {
      row[k] = (k % 2 == 0 ? value : -value) / (1 + k);
    }
    for (Quantization form :
        new Quantization[] {Quantization.INT8, Quantization.FP8, Quantization.int4(64)}) {
      for (ScaleChoice choice : ScaleChoice.values()) {
        QuantizedMatrix quantized = QuantizedMatrix.of(Tensor.of(row, 1, 64), form, choice);
        assertTrue(quantized.error().relativeL2() <= 1, form + ": " + quantized.error());
      }
    }
  }

  @Test
  void refusesValuesThatAreNotFinite() {
    for (float value : new float[] {Float.NaN, Float.NEGATIVE_INFINITY}) {
      Tensor matrix = Tensor.of(new float[] {1, 2, 3, value}, 2, 2);
      IllegalArgumentException refusal =
          assertThrows(IllegalArgumentException.class, () -> of(matrix, Quantization.INT8));
      assertEquals("expected finite values, found " + value + " at [1, 1]", refusal.getMessage());
    }
  }

  /** Rounding to steps of a scale adds the noise of steps: their length over the root of 12. */
  @Test
  void int8ErrorIsThatOfItsSteps() {
    Tensor matrix = gaussian();
    QuantizedMatrix quantized = of(matrix, Quantization.INT8);
    double squares = 0;
    for (float scale : quantized.scales().toFloats()) {
      squares += COLUMNS * (double) scale * scale / 12;
    }
    assertEquals(Math.sqrt(squares / squares(matrix)), quantized.error().relativeL2(), 0.0002);
  }

  /** With three bits of mantissa, the step at a value is an eighth of the power of two below it. */
  @Test
  void fp8ErrorIsThatOfItsSteps() {
    Tensor matrix = gaussian();
    QuantizedMatrix quantized = of(matrix, Quantization.FP8);
    float[] values = matrix.toFloats();
    float[] scales = quantized.scales().toFloats();
    double squares = 0;
    for (int i = 0; i < values.length; i++) {
      double step = Math.scalb(0.125, Math.getExponent(values[i] / scales[i / COLUMNS]));
      squares += Math.pow(scales[i / COLUMNS] * step, 2) / 12;
    }
    double expected = Math.sqrt(squares / squares(matrix));
    assertEquals(expected, quantized.error().relativeL2(), 0.01 * expected);
  }

  /** A search finds scales that are better by several percent, and never worse in any row. */
  @Test
  void searchedScalesAreBetter() {
    Tensor matrix = gaussian();
    Quantization form = Quantization.int4(64);
    for (int r = 0; r < ROWS; r++) {
      Tensor row = matrix.slice(r, r + 1);
      double largest = QuantizedMatrix.of(row, form, ScaleChoice.ABS_MAX).error().relativeL2();
      double searched = QuantizedMatrix.of(row, form, ScaleChoice.MSE).error().relativeL2();
      assertTrue(searched < largest, "row " + r + ": " + searched + " against " + largest);
    }
    double largest = QuantizedMatrix.of(matrix, form, ScaleChoice.ABS_MAX).error().relativeL2();
    double searched = QuantizedMatrix.of(matrix, form, ScaleChoice.MSE).error().relativeL2();
    assertTrue(searched < 0.92 * largest, searched + " against " + largest);
  }

  /** Cutting nothing off, the error of four bits is that of their steps too. */
  @Test
  void int4ErrorIsThatOfItsSteps() {
    Tensor matrix = gaussian();
    QuantizedMatrix quantized = of(matrix, Quantization.int4(64));
    double squares = 0;
    for (float scale : quantized.scales().toFloats()) {
      squares += 64 * (double) scale * scale / 12;
    }
    double expected = Math.sqrt(squares / squares(matrix));
    assertEquals(expected, quantized.error().relativeL2(), 0.03 * expected);
  }

  private static QuantizedMatrix of(Tensor matrix, Quantization form) {
    return QuantizedMatrix.of(matrix, form, ScaleChoice.ABS_MAX);
  }

  private static byte[] bytes(QuantizedMatrix quantized) {
    return quantized.values().segment().toArray(ValueLayout.JAVA_BYTE);
  }

  private static Tensor gaussian() {
    float[] values = new float[ROWS * COLUMNS];
    GaussianNoise.fill(7, 0, 0, values);
    return Tensor.of(values, ROWS, COLUMNS);
  }

  private static double squares(Tensor matrix) {
    double sum = 0;
    for (float value : matrix.toFloats()) {
      sum += (double) value * value;
    }
    return sum;
  }
}
