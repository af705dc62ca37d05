package dev.orrery.kernels.layout;

import static dev.orrery.kernels.tornado.TornadoHarness.agree;
import static dev.orrery.kernels.tornado.TornadoHarness.findsDroppedOffsets;

import dev.orrery.kernels.tensor.Tensor;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DownsampleShortcutTornadoTest {
  /**
   * Frames, rows, columns and channels of x; frames and side of a box; frames and channels of the
   * result; order. Both tensors begin at odd addresses.
   */
  @ParameterizedTest
  @CsvSource({
    "3,4,6,4, 1,2, 3, 4, CHANNEL_SLOWEST",
    "1,4,2,32, 2,2, 1, 64, CHANNEL_SLOWEST",
    "5,6,3,7, 3,3, 2, 9, CHANNEL_SLOWEST",
    "4,4,6,3, 2,2, 2, 6, CHANNEL_SLOWEST",
    "1,1,1,1, 1,1, 1, 1, CHANNEL_SLOWEST",
    "3,4,6,4, 1,2, 3, 4, CHANNEL_FASTEST",
    "1,4,2,32, 2,2, 1, 64, CHANNEL_FASTEST",
    "5,6,3,7, 3,3, 2, 9, CHANNEL_FASTEST",
    "4,4,6,3, 2,2, 2, 6, CHANNEL_FASTEST",
    "1,1,1,1, 1,1, 1, 1, CHANNEL_FASTEST"
  })
  void agreesWithReference(
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
        (kernel, inputs) -> {
          Tensor x = inputs.fp32(1, 1 + values).slice(1, 1 + values);
          Tensor out = inputs.fp32(2, 1 + outValues).slice(1, 1 + outValues);
          Tensor video = out.reshape(extents);
          kernel.run(
              x.reshape(inFrames, inRows, inColumns, inChannels), frames, side, order, video);
          return video;
        });
  }

  /** The video that is added to lies between guard zones. */
  @Test
  void writesNothingElse() {
    agree(
        DownsampleShortcut.class,
        (kernel, inputs) -> {
          Tensor out = inputs.sum(2, 2, 2, 3, 10);
          kernel.run(inputs.fp32(1, 3, 4, 6, 5), 2, 2, PatchOrder.CHANNEL_FASTEST, out);
          return out;
        });
  }

  @Test
  void findsPlantedBugs() {
    findsDroppedOffsets(
        DownsampleShortcut.class,
        2,
        Set.of(),
        (kernel, inputs) -> {
          Tensor out = inputs.fp32(2, 2, 2, 3, 10);
          kernel.run(inputs.fp32(1, 3, 4, 6, 5), 2, 2, PatchOrder.CHANNEL_FASTEST, out);
          return out;
        });
  }
}
