package dev.orrery.kernels.layout;

import static dev.orrery.kernels.KernelHarness.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.KernelHarness;
import dev.orrery.kernels.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class UpsampleShortcutTest {
  /**
   * Frames, rows, columns and channels of x; frames and side of a box; frames that fall away;
   * channels of the result; order.
   */
  @ParameterizedTest
  @CsvSource({
    "1,1,1,1, 1,1, 0, 1, CHANNEL_SLOWEST",
    "3,4,6,4, 1,2, 0, 2, CHANNEL_SLOWEST",
    "3,4,6,4, 2,2, 0, 4, CHANNEL_SLOWEST",
    "3,4,6,4, 2,2, 1, 4, CHANNEL_SLOWEST",
    "1,2,3,6, 2,2, 1, 3, CHANNEL_SLOWEST",
    "2,1,2,9, 3,3, 2, 5, CHANNEL_SLOWEST",
    "2,3,1,5, 1,1, 0, 5, CHANNEL_SLOWEST",
    "1,1,1,1, 1,1, 0, 1, CHANNEL_FASTEST",
    "3,4,6,4, 1,2, 0, 2, CHANNEL_FASTEST",
    "3,4,6,4, 2,2, 0, 4, CHANNEL_FASTEST",
    "3,4,6,4, 2,2, 1, 4, CHANNEL_FASTEST",
    "1,2,3,6, 2,2, 1, 3, CHANNEL_FASTEST",
    "2,1,2,9, 3,3, 2, 5, CHANNEL_FASTEST",
    "2,3,1,5, 1,1, 0, 5, CHANNEL_FASTEST"
  })
  void addsTheRepeatedChannels(
      int inFrames,
      int inRows,
      int inColumns,
      int inChannels,
      int frames,
      int side,
      int dropped,
      int channels,
      PatchOrder order) {
    Tensor x = KernelHarness.normal(1, inFrames, inRows, inColumns, inChannels);
    int outFrames = inFrames * frames - dropped;
    int rows = inRows * side;
    int columns = inColumns * side;
    Tensor before = KernelHarness.normal(2, outFrames, rows, columns, channels);
    float[] values = x.toFloats();
    float[] expected = before.toFloats();
    int repeats = channels * frames * side * side / inChannels;
    // The definition repeats every channel and lays the list out over the box, channel by channel.
    for (int pixel = 0; pixel < inFrames * inRows * inColumns; pixel++) {
      int column = pixel % inColumns * side;
      int row = pixel / inColumns % inRows * side;
      int frame = pixel / (inColumns * inRows) * frames - dropped;
      int index = 0;
      for (int c = 0; c < channels; c++) {
        for (int dt = 0; dt < frames; dt++) {
          for (int dy = 0; dy < side; dy++) {
            for (int dx = 0; dx < side; dx++) {
              int fastest = ((dt * side + dy) * side + dx) * channels + c;
              int repeated = order == PatchOrder.CHANNEL_FASTEST ? fastest : index++;
              float value = values[pixel * inChannels + repeated / repeats];
              if (frame + dt >= 0) {
                int target = ((frame + dt) * rows + row + dy) * columns + column + dx;
                expected[target * channels + c] += value;
              }
            }
          }
        }
      }
    }
    float[] found =
        KernelHarness.shared(
            UpsampleShortcut.class,
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

  /** Pixels laid out first, channels repeated then, gives what the other order of the two does. */
  @Test
  void repeatingAndLayingOutMayChangePlaces() {
    int inChannels = 24;
    int channels = 9;
    Tensor x = KernelHarness.normal(1, 1, 1, 1, inChannels);
    float[] found =
        KernelHarness.shared(
            UpsampleShortcut.class,
            (kernel, out) -> {
              out.segment().fill((byte) 0);
              kernel.run(x, 2, 2, PatchOrder.CHANNEL_FASTEST, out);
            },
            2,
            2,
            2,
            channels);
    for (int pixel = 0; pixel < 8; pixel++) {
      for (int c = 0; c < channels; c++) {
        // Three channels of a pixel in the box, each three times.
        float expected = x.toFloats()[pixel * 3 + c / 3];
        assertEquals(expected, found[pixel * channels + c]);
      }
    }
  }

  @Test
  void refusesWhatDoesNotFit() {
    Tensor x = KernelHarness.normal(1, 2, 1, 2, 6);
    try (CpuBackend backend = CpuBackend.simd(1)) {
      UpsampleShortcut kernel = backend.kernel(UpsampleShortcut.class);
      Tensor unevenRepeats = KernelHarness.normal(1, 4, 2, 4, 4);
      refused(
          "values of a box: expected a multiple of channels of x = 6, found 32",
          () -> kernel.run(x, 2, 2, PatchOrder.CHANNEL_SLOWEST, unevenRepeats));
      Tensor tooFewFrames = KernelHarness.normal(1, 2, 2, 4, 3);
      refused(
          "out: expected 3 to 4 frames, found F32[2, 2, 4, 3]",
          () -> kernel.run(x, 2, 2, PatchOrder.CHANNEL_SLOWEST, tooFewFrames));
      Tensor tooManyFrames = KernelHarness.normal(1, 5, 2, 4, 3);
      refused(
          "out: expected 3 to 4 frames, found F32[5, 2, 4, 3]",
          () -> kernel.run(x, 2, 2, PatchOrder.CHANNEL_SLOWEST, tooManyFrames));
      Tensor tooManyRows = KernelHarness.normal(1, 4, 3, 4, 3);
      refused(
          "out: expected F32[4, 2, 4, 3], found F32[4, 3, 4, 3]",
          () -> kernel.run(x, 2, 2, PatchOrder.CHANNEL_SLOWEST, tooManyRows));
    }
  }
}
