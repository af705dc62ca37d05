package dev.orrery.kernels.layout;

import static dev.orrery.kernels.KernelHarness.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.KernelHarness;
import dev.orrery.kernels.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class TimeUnshuffleTest {
  /** 600 pixels are more than two items of work. */
  @ParameterizedTest
  @CsvSource({"1,1,1", "3,13,7", "2,600,16"})
  void splitsTheChannels(int frames, int pixels, int channels) {
    Tensor x = KernelHarness.normal(1, frames, pixels, 2 * channels);
    float[] values = x.toFloats();
    float[] expected = new float[values.length];
    int at = 0;
    for (int t = 0; t < 2 * frames; t++) {
      for (int p = 0; p < pixels; p++) {
        for (int c = 0; c < channels; c++) {
          expected[at++] = values[(t / 2 * pixels + p) * 2 * channels + t % 2 * channels + c];
        }
      }
    }
    assertArrayEquals(
        expected,
        KernelHarness.shared(
            TimeUnshuffle.class,
            (kernel, out) -> kernel.run(x, out),
            2 * frames,
            pixels,
            channels));
  }

  @Test
  void refusesAnOddNumberOfChannels() {
    Tensor x = KernelHarness.normal(1, 1, 4, 3);
    Tensor out = KernelHarness.normal(1, 2, 4, 1);
    try (CpuBackend backend = CpuBackend.simd(1)) {
      TimeUnshuffle unshuffle = backend.kernel(TimeUnshuffle.class);
      refused(
          "channels of x: expected a multiple of the two halves = 2, found 3",
          () -> unshuffle.run(x, out));
    }
  }
}
