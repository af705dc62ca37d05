package dev.orrery.kernels.layout;

import static dev.orrery.kernels.KernelHarness.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.KernelHarness;
import dev.orrery.kernels.tensor.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PatchifyTest {
  /** Two inputs share the rows; two more columns behind them stay as they were. */
  @ParameterizedTest
  @CsvSource({"1,2,3,1,2", "3,3,5,13,2", "2,1,1,3,14", "2,5,7,4,1"})
  void fillsTheColumnsOfEveryPatch(int frames, int rows, int columns, int channels, int patch) {
    Tensor first = KernelHarness.normal(1, frames, rows * patch, columns * patch, channels);
    Tensor second = KernelHarness.normal(2, frames, rows * patch, columns * patch, 2);
    int secondAt = channels * patch * patch;
    int width = secondAt + 2 * patch * patch + 2;
    int tokens = frames * rows * columns;
    float[] expected = new float[tokens * width];
    java.util.Arrays.fill(expected, Float.NaN);
    place(first, patch, 0, width, expected);
    place(second, patch, secondAt, width, expected);
    KernelHarness.Run<Patchify> run =
        (kernel, out) -> {
          kernel.run(first, patch, 0, out);
          kernel.run(second, patch, secondAt, out);
        };
    assertArrayEquals(expected, KernelHarness.shared(Patchify.class, run, tokens, width));
  }

  private static void place(Tensor x, int patch, int offset, int width, float[] out) {
    float[] values = x.toFloats();
    int channels = x.size(3);
    int patchColumns = x.size(2) / patch;
    int at = 0;
    for (int t = 0; t < x.size(0); t++) {
      for (int y = 0; y < x.size(1); y++) {
        for (int column = 0; column < x.size(2); column++) {
          for (int c = 0; c < channels; c++) {
            int token = (t * (x.size(1) / patch) + y / patch) * patchColumns + column / patch;
            int within = (c * patch + y % patch) * patch + column % patch;
            out[token * width + offset + within] = values[at++];
          }
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "3; 4; 0; rows of x: expected a multiple of patch = 2, found 3",
        "4; 3; 0; columns of x: expected a multiple of patch = 2, found 3",
        "4; 4; 1; out: expected at least 13 columns, found F32[4, 12]",
        "4; 4; -1; offset: expected 0 or more, found -1"
      })
  void refusesWhatDoesNotFit(int rows, int columns, int offset, String message) {
    Tensor x = KernelHarness.normal(1, 1, rows, columns, 3);
    Tensor out = KernelHarness.normal(1, 4, 12);
    try (CpuBackend backend = CpuBackend.simd(1)) {
      Patchify patchify = backend.kernel(Patchify.class);
      refused(message, () -> patchify.run(x, 2, offset, out));
    }
  }
}
