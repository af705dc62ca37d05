package dev.orrery.kernels.layout;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.orrery.kernels.KernelHarness;
import dev.orrery.kernels.tensor.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class UnpatchifyTest {
  @ParameterizedTest
  @CsvSource({"1,1,1,1,1", "3,3,5,13,2", "2,2,3,16,2", "1,4,2,3,3"})
  void putsEveryValueBack(int frames, int patchRows, int patchColumns, int channels, int patch) {
    int tokens = frames * patchRows * patchColumns;
    int width = patch * patch * channels;
    int rows = patchRows * patch;
    int columns = patchColumns * patch;
    Tensor x = KernelHarness.normal(1, tokens, width);
    float[] values = x.toFloats();
    float[] expected = new float[values.length];
    int at = 0;
    for (int t = 0; t < frames; t++) {
      for (int y = 0; y < rows; y++) {
        for (int column = 0; column < columns; column++) {
          for (int c = 0; c < channels; c++) {
            int token = (t * patchRows + y / patch) * patchColumns + column / patch;
            int within = (y % patch * patch + column % patch) * channels + c;
            expected[at++] = values[token * width + within];
          }
        }
      }
    }
    assertArrayEquals(
        expected,
        KernelHarness.shared(
            Unpatchify.class,
            (kernel, out) -> kernel.run(x, patch, out),
            frames,
            rows,
            columns,
            channels));
  }
}
