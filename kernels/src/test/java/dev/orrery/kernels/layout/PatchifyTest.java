package dev.orrery.kernels.layout;

import static dev.orrery.kernels.KernelHarness.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.KernelHarness;
import dev.orrery.kernels.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PatchifyTest {
  /**
   * Two inputs share the rows; two more columns behind them stay as they were. Where a patch does
   * not divide the frame, it ends in zeros.
   */
  @ParameterizedTest
  @CsvSource({
    "1,2,3,1,2",
    "3,6,10,13,2",
    "2,14,14,3,14",
    "2,6,8,16,2",
    "1,4,6,36,2",
    "1,4,7,36,2",
    "2,5,7,4,1",
    "2,5,9,3,4",
    "1,90,16,3,4",
    "1,1,1,2,3"
  })
  void fillsTheColumnsOfEveryPatch(int frames, int rows, int columns, int channels, int patch) {
    Tensor first = KernelHarness.normal(1, frames, rows, columns, channels);
    Tensor second = KernelHarness.normal(2, frames, rows, columns, 2);
    int secondAt = channels * patch * patch;
    int values = secondAt + 2 * patch * patch;
    int width = values + 2;
    int tokens = frames * Math.ceilDiv(rows, patch) * Math.ceilDiv(columns, patch);
    for (PatchOrder order : PatchOrder.values()) {
      float[] expected = new float[tokens * width];
      for (int token = 0; token < tokens; token++) {
        Arrays.fill(expected, token * width + values, (token + 1) * width, Float.NaN);
      }
      place(first, patch, order, 0, width, expected);
      place(second, patch, order, secondAt, width, expected);
      KernelHarness.Run<Patchify> run =
          (kernel, out) -> {
            kernel.run(first, patch, order, 0, out);
            kernel.run(second, patch, order, secondAt, out);
          };
      for (CpuBackend backend :
          List.of(CpuBackend.reference(2), CpuBackend.simd(1), CpuBackend.simd(3))) {
        assertArrayEquals(
            expected, KernelHarness.compute(backend, Patchify.class, run, tokens, width));
      }
    }
  }

  private static void place(
      Tensor x, int patch, PatchOrder order, int offset, int width, float[] out) {
    float[] values = x.toFloats();
    int rows = x.size(1);
    int channels = x.size(3);
    int patchRows = Math.ceilDiv(rows, patch);
    int patchColumns = Math.ceilDiv(x.size(2), patch);
    int at = 0;
    for (int t = 0; t < x.size(0); t++) {
      for (int y = 0; y < rows; y++) {
        for (int column = 0; column < x.size(2); column++) {
          for (int c = 0; c < channels; c++) {
            int token = (t * patchRows + y / patch) * patchColumns + column / patch;
            int within =
                switch (order) {
                  case CHANNEL_SLOWEST -> (c * patch + y % patch) * patch + column % patch;
                  case CHANNEL_FASTEST -> (y % patch * patch + column % patch) * channels + c;
                };
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
        "5; 4; 0; out: expected F32[6, 12], found F32[4, 12]",
        "4; 5; 0; out: expected F32[6, 12], found F32[4, 12]",
        "4; 4; 1; out: expected at least 13 columns, found F32[4, 12]",
        "4; 4; -1; offset: expected 0 or more, found -1"
      })
  void refusesWhatDoesNotFit(int rows, int columns, int offset, String message) {
    Tensor x = KernelHarness.normal(1, 1, rows, columns, 3);
    Tensor out = KernelHarness.normal(1, 4, 12);
    try (CpuBackend backend = CpuBackend.simd(1)) {
      Patchify patchify = backend.kernel(Patchify.class);
      refused(message, () -> patchify.run(x, 2, PatchOrder.CHANNEL_SLOWEST, offset, out));
    }
  }

  @Test
  void refusesAPatchOfNothing() {
    Tensor x = KernelHarness.normal(1, 1, 4, 4, 3);
    Tensor out = KernelHarness.normal(1, 4, 12);
    try (CpuBackend backend = CpuBackend.simd(1)) {
      refused(
          "patch: expected 1 or more, found 0",
          () -> backend.kernel(Patchify.class).run(x, 0, PatchOrder.CHANNEL_SLOWEST, 0, out));
    }
  }
}
