package dev.orrery.kernels.layout;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.orrery.kernels.KernelHarness;
import dev.orrery.kernels.tensor.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class NearestUpsampleTest {
  @ParameterizedTest
  @CsvSource({"1,1,1,1", "3,5,7,13", "2,4,6,32"})
  void repeatsPixels(int frames, int rows, int columns, int channels) {
    Tensor x = KernelHarness.normal(1, frames, rows, columns, channels);
    float[] values = x.toFloats();
    float[] expected = new float[4 * values.length];
    int at = 0;
    for (int t = 0; t < frames; t++) {
      for (int y = 0; y < 2 * rows; y++) {
        for (int column = 0; column < 2 * columns; column++) {
          for (int c = 0; c < channels; c++) {
            expected[at++] = values[((t * rows + y / 2) * columns + column / 2) * channels + c];
          }
        }
      }
    }
    assertArrayEquals(
        expected,
        KernelHarness.shared(
            NearestUpsample.class,
            (kernel, out) -> kernel.run(x, out),
            frames,
            2 * rows,
            2 * columns,
            channels));
  }
}
