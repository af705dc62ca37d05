package dev.orrery.kernels.layout;

import static dev.orrery.kernels.KernelHarness.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.KernelHarness;
import dev.orrery.kernels.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class AppendColumnsTest {
  /** 3 x 69 = 207 tokens are more than three items of work. */
  @ParameterizedTest
  @CsvSource({"1,1,1,1", "3,69,13,24", "2,6,64,3"})
  void appendsTheVectorOfTheFrame(int frames, int frameTokens, int channels, int appended) {
    Tensor x = KernelHarness.normal(1, frames * frameTokens, channels);
    Tensor frame = KernelHarness.normal(2, frames, appended);
    float[] tokenValues = x.toFloats();
    float[] frameValues = frame.toFloats();
    int width = channels + appended;
    float[] expected = new float[frames * frameTokens * width];
    for (int i = 0; i < expected.length; i++) {
      int token = i / width;
      int column = i % width;
      expected[i] =
          column < channels
              ? tokenValues[token * channels + column]
              : frameValues[token / frameTokens * appended + column - channels];
    }
    assertArrayEquals(
        expected,
        KernelHarness.shared(
            AppendColumns.class,
            (kernel, out) -> kernel.run(x, frame, out),
            frames * frameTokens,
            width));
  }

  @Test
  void refusesTokensThatFillNoWholeFrames() {
    Tensor x = KernelHarness.normal(1, 7, 4);
    Tensor frame = KernelHarness.normal(1, 2, 3);
    Tensor out = KernelHarness.normal(1, 7, 7);
    try (CpuBackend backend = CpuBackend.simd(1)) {
      AppendColumns append = backend.kernel(AppendColumns.class);
      refused(
          "tokens of x: expected a multiple of frames of frame = 2, found 7",
          () -> append.run(x, frame, out));
    }
  }
}
