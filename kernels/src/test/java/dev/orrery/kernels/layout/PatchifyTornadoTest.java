package dev.orrery.kernels.layout;

import static dev.orrery.kernels.tornado.TornadoHarness.findsDroppedOffsets;
import static dev.orrery.kernels.tornado.TornadoHarness.same;

import dev.orrery.kernels.tensor.Tensor;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PatchifyTornadoTest {
  /**
   * Frames, rows, columns, channels, patch, offset, columns of out, of which others stay, order.
   */
  @ParameterizedTest
  @CsvSource({
    "2, 6, 4, 36, 2, 0, 144, CHANNEL_SLOWEST",
    "3, 3, 6, 5, 3, 7, 60, CHANNEL_FASTEST",
    "3, 8, 10, 11, 2, 3, 50, CHANNEL_SLOWEST",
    "2, 5, 9, 3, 4, 1, 50, CHANNEL_SLOWEST",
    "2, 5, 9, 3, 4, 1, 50, CHANNEL_FASTEST",
    "1, 2, 3, 4, 1, 0, 4, CHANNEL_FASTEST",
    "1, 1, 1, 1, 1, 0, 1, CHANNEL_SLOWEST"
  })
  void movesValuesAsTheyAre(
      int frames,
      int rows,
      int columns,
      int channels,
      int patch,
      int offset,
      int width,
      PatchOrder order) {
    int tokens = frames * Math.ceilDiv(rows, patch) * Math.ceilDiv(columns, patch);
    same(
        Patchify.class,
        (kernel, inputs) -> {
          Tensor out = inputs.fp32(2, tokens, width);
          Tensor x = inputs.fp32(1, 1 + frames, rows, columns, channels).slice(1, 1 + frames);
          kernel.run(x, patch, order, offset, out);
          return out;
        });
  }

  /** Nothing beside the rows is written. */
  @Test
  void fillsAllColumns() {
    same(
        Patchify.class,
        (kernel, inputs) -> {
          Tensor out = inputs.output(12, 20);
          kernel.run(inputs.fp32(1, 2, 4, 6, 5), 2, PatchOrder.CHANNEL_SLOWEST, 0, out);
          return out;
        });
  }

  @Test
  void findsPlantedBugs() {
    findsDroppedOffsets(
        Patchify.class,
        2,
        Set.of(),
        (kernel, inputs) -> {
          Tensor out = inputs.output(12, 20);
          kernel.run(inputs.fp32(1, 2, 4, 6, 5), 2, PatchOrder.CHANNEL_SLOWEST, 0, out);
          return out;
        });
  }
}
