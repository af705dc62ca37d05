package dev.orrery.kernels.layout;

import static dev.orrery.kernels.KernelHarness.refused;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.KernelHarness;
import dev.orrery.kernels.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class DownsampleShortcutTest {
  /**
   * Frames, rows, columns and channels of x; frames and side of a box; channels of the result;
   * order.
   */
  @ParameterizedTest
  @CsvSource({
    "1,1,1,1, 1,1, 1, CHANNEL_SLOWEST",
    "2,3,2,5, 1,1, 5, CHANNEL_SLOWEST",
    "3,4,6,4, 1,2, 4, CHANNEL_SLOWEST",
    "4,4,6,3, 2,2, 6, CHANNEL_SLOWEST",
    "1,4,2,4, 2,2, 8, CHANNEL_SLOWEST",
    "5,6,3,7, 3,3, 9, CHANNEL_SLOWEST",
    "2,2,2,8, 2,1, 2, CHANNEL_SLOWEST",
    "1,1,1,1, 1,1, 1, CHANNEL_FASTEST",
    "2,3,2,5, 1,1, 5, CHANNEL_FASTEST",
    "3,4,6,4, 1,2, 4, CHANNEL_FASTEST",
    "4,4,6,3, 2,2, 6, CHANNEL_FASTEST",
    "1,4,2,4, 2,2, 8, CHANNEL_FASTEST",
    "5,6,3,7, 3,3, 9, CHANNEL_FASTEST",
    "2,2,2,8, 2,1, 2, CHANNEL_FASTEST"
  })
  void addsTheMeansOfBoxes(
      int inFrames,
      int inRows,
      int inColumns,
      int inChannels,
      int frames,
      int side,
      int channels,
      PatchOrder order) {
    Tensor x = KernelHarness.normal(1, inFrames, inRows, inColumns, inChannels);
    int outFrames = (inFrames + frames - 1) / frames;
    int rows = inRows / side;
    int columns = inColumns / side;
    Tensor before = KernelHarness.normal(2, outFrames, rows, columns, channels);
    float[] values = x.toFloats();
    float[] expected = before.toFloats();
    int zeroFrames = outFrames * frames - inFrames;
    int group = inChannels * frames * side * side / channels;
    // The definition scatters the values of a box into a list, which is then averaged.
    int at = 0;
    for (int t = 0; t < outFrames; t++) {
      for (int y = 0; y < rows; y++) {
        for (int column = 0; column < columns; column++) {
          double[] list = new double[group * channels];
          int index = 0;
          for (int c = 0; c < inChannels; c++) {
            for (int dt = 0; dt < frames; dt++) {
              for (int dy = 0; dy < side; dy++) {
                for (int dx = 0; dx < side; dx++) {
                  int frame = t * frames + dt - zeroFrames;
                  int pixel = (frame * inRows + y * side + dy) * inColumns + column * side + dx;
                  int inBox = (dt * side + dy) * side + dx;
                  int fastest = inBox * inChannels + c;
                  list[order == PatchOrder.CHANNEL_FASTEST ? fastest : index++] =
                      frame < 0 ? 0 : values[pixel * inChannels + c];
                }
              }
            }
          }
          for (int c = 0; c < channels; c++) {
            double sum = 0;
            for (int i = 0; i < group; i++) {
              sum += list[c * group + i];
            }
            expected[at] = (float) (expected[at] + sum / group);
            at++;
          }
        }
      }
    }
    float[] found =
        KernelHarness.shared(
            DownsampleShortcut.class,
            (kernel, out) -> {
              out.segment().copyFrom(before.segment());
              kernel.run(x, frames, side, order, out);
            },
            outFrames,
            rows,
            columns,
            channels);
    KernelHarness.assertClose("sums", expected, found, KernelHarness.FP32_LIMIT);
  }

  @Test
  void refusesWhatDoesNotFit() {
    Tensor x = KernelHarness.normal(1, 2, 4, 4, 3);
    try (CpuBackend backend = CpuBackend.simd(1)) {
      DownsampleShortcut kernel = backend.kernel(DownsampleShortcut.class);
      Tensor unevenGroups = KernelHarness.normal(1, 1, 2, 2, 5);
      refused(
          "values of a box: expected a multiple of channels of out = 5, found 24",
          () -> kernel.run(x, 2, 2, PatchOrder.CHANNEL_SLOWEST, unevenGroups));
      Tensor tooManyFrames = KernelHarness.normal(1, 2, 2, 2, 3);
      refused(
          "out: expected F32[1, 2, 2, 3], found F32[2, 2, 2, 3]",
          () -> kernel.run(x, 2, 2, PatchOrder.CHANNEL_SLOWEST, tooManyFrames));
      Tensor out = KernelHarness.normal(1, 1, 1, 1, 3);
      refused(
          "rows of x: expected a multiple of side = 3, found 4",
          () -> kernel.run(x, 2, 3, PatchOrder.CHANNEL_SLOWEST, out));
      refused(
          "frames: expected 1 or more, found 0",
          () -> kernel.run(x, 0, 4, PatchOrder.CHANNEL_SLOWEST, out));
    }
  }
}
