package dev.orrery.kernels.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.orrery.kernels.KernelHarness;
import dev.orrery.kernels.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ResizeBicubicTest {
  /**
   * By hand: halving samples between two pixels, where the weights are -3/32, 19/32, 19/32, -3/32.
   * The first output of 0, 32, 0, 0 lies between pixels 0 and 1, with the border repeated: 19.
   * Values are not clamped, so the second is -3.
   */
  @Test
  void matchesValuesDerivedByHand() {
    Tensor x = Tensor.of(new float[] {0, 32, 0, 0}, 1, 4, 1);
    assertArrayEquals(new float[] {19, -3}, resize(x, 1, 2), 1e-6f);
  }

  @Test
  void keepsAnImageOfTheSameSize() {
    Tensor x = KernelHarness.normal(1, 5, 7, 3);
    assertArrayEquals(x.toFloats(), resize(x, 5, 7));
  }

  /** The formula written with a sum over all pixels and clamped neighbours found by distance. */
  @ParameterizedTest
  @CsvSource({"44,80,3,28,28", "3,5,2,13,7", "1,1,1,4,3", "13,1,1,5,9", "2,3,4,1,1"})
  void matchesTheFormula(int rows, int columns, int channels, int outRows, int outColumns) {
    Tensor x = KernelHarness.normal(2, rows, columns, channels);
    float[] values = x.toFloats();
    float[] expected = new float[outRows * outColumns * channels];
    for (int i = 0; i < expected.length; i++) {
      int channel = i % channels;
      double row = (i / channels / outColumns + 0.5) * rows / outRows - 0.5;
      double column = (i / channels % outColumns + 0.5) * columns / outColumns - 0.5;
      double sum = 0;
      for (int y = -2; y < rows + 2; y++) {
        for (int z = -2; z < columns + 2; z++) {
          int pixel = Math.clamp(y, 0, rows - 1) * columns + Math.clamp(z, 0, columns - 1);
          sum += keys(row - y) * keys(column - z) * values[pixel * channels + channel];
        }
      }
      expected[i] = (float) sum;
    }
    assertArrayEquals(expected, resize(x, outRows, outColumns), 1e-6f);
  }

  private static double keys(double distance) {
    double d = Math.abs(distance);
    double a = -0.75;
    if (d < 1) {
      return (a + 2) * d * d * d - (a + 3) * d * d + 1;
    }
    return d < 2 ? a * (d * d * d - 5 * d * d + 8 * d - 4) : 0;
  }

  private static float[] resize(Tensor x, int outRows, int outColumns) {
    return KernelHarness.shared(
        ResizeBicubic.class, (kernel, out) -> kernel.run(x, out), outRows, outColumns, x.size(2));
  }
}
