package dev.orrery.kernels.layout;

import static dev.orrery.kernels.KernelHarness.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.KernelHarness;
import dev.orrery.kernels.tensor.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class UnpatchifyTest {
  /** Where a patch does not divide the frame, what lies outside is cut off. */
  @ParameterizedTest
  @CsvSource({
    "1,1,1,1,1",
    "3,6,10,13,2",
    "2,4,6,16,2",
    "1,12,6,3,3",
    "2,5,9,3,4",
    "1,90,16,3,4",
    "1,1,1,2,3"
  })
  void putsEveryValueBack(int frames, int rows, int columns, int channels, int patch) {
    int patchRows = Math.ceilDiv(rows, patch);
    int patchColumns = Math.ceilDiv(columns, patch);
    int width = patch * patch * channels;
    Tensor x = KernelHarness.normal(1, frames * patchRows * patchColumns, width);
    float[] values = x.toFloats();
    for (PatchOrder order : PatchOrder.values()) {
      float[] expected = new float[frames * rows * columns * channels];
      int at = 0;
      for (int t = 0; t < frames; t++) {
        for (int y = 0; y < rows; y++) {
          for (int column = 0; column < columns; column++) {
            for (int c = 0; c < channels; c++) {
              int token = (t * patchRows + y / patch) * patchColumns + column / patch;
              int within =
                  switch (order) {
                    case CHANNEL_SLOWEST -> (c * patch + y % patch) * patch + column % patch;
                    case CHANNEL_FASTEST -> (y % patch * patch + column % patch) * channels + c;
                  };
              expected[at++] = values[token * width + within];
            }
          }
        }
      }
      assertArrayEquals(
          expected,
          KernelHarness.shared(
              Unpatchify.class,
              (kernel, out) -> kernel.run(x, patch, order, out),
              frames,
              rows,
              columns,
              channels));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "2; x: expected F32[9, 12], found F32[4, 12]",
        "5; x: expected F32[1, 75], found F32[4, 12]",
        "0; patch: expected 1 or more, found 0"
      })
  void refusesWhatDoesNotFit(int patch, String message) {
    Tensor x = KernelHarness.normal(1, 4, 12);
    Tensor out = KernelHarness.normal(1, 1, 5, 5, 3);
    try (CpuBackend backend = CpuBackend.simd(1)) {
      Unpatchify unpatchify = backend.kernel(Unpatchify.class);
      refused(message, () -> unpatchify.run(x, patch, PatchOrder.CHANNEL_FASTEST, out));
    }
  }
}
