package dev.orrery.kernels.layout;

import static dev.orrery.kernels.cuda.CudaHarness.agree;

import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DownsampleShortcutCudaTest {
  /**
   * Frames, rows, columns and channels of x; frames and side of a box; frames and channels of the
   * result; order. Both tensors begin at odd addresses.
   */
  @ParameterizedTest
  @CsvSource({
    "BF16, 3,4,6,4, 1,2, 3, 4, CHANNEL_SLOWEST",
    "F16, 1,4,2,32, 2,2, 1, 64, CHANNEL_SLOWEST",
    "F16, 5,6,3,7, 3,3, 2, 9, CHANNEL_SLOWEST",
    "F32, 4,4,6,3, 2,2, 2, 6, CHANNEL_SLOWEST",
    "F32, 1,1,1,1, 1,1, 1, 1, CHANNEL_SLOWEST",
    "BF16, 3,4,6,4, 1,2, 3, 4, CHANNEL_FASTEST",
    "F16, 1,4,2,32, 2,2, 1, 64, CHANNEL_FASTEST",
    "F16, 5,6,3,7, 3,3, 2, 9, CHANNEL_FASTEST",
    "F32, 4,4,6,3, 2,2, 2, 6, CHANNEL_FASTEST",
    "F32, 1,1,1,1, 1,1, 1, 1, CHANNEL_FASTEST"
  })
  void agreesWithReference(
      DType dtype,
      int inFrames,
      int inRows,
      int inColumns,
      int inChannels,
      int frames,
      int side,
      int outFrames,
      int channels,
      PatchOrder order) {
    int values = inFrames * inRows * inColumns * inChannels;
    long[] extents = {outFrames, inRows / side, inColumns / side, channels};
    int outValues = Math.toIntExact(extents[0] * extents[1] * extents[2] * extents[3]);
    agree(
        DownsampleShortcut.class,
        dtype,
        (kernel, inputs) -> {
          Tensor x = inputs.activation(1, 1 + values).slice(1, 1 + values);
          Tensor out = inputs.activation(2, 1 + outValues).slice(1, 1 + outValues);
          Tensor video = out.reshape(extents);
          kernel.run(
              x.reshape(inFrames, inRows, inColumns, inChannels), frames, side, order, video);
          return video;
        });
  }
}
