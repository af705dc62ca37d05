package dev.orrery.kernels.layout;

import static dev.orrery.kernels.tornado.TornadoHarness.findsDroppedOffsets;
import static dev.orrery.kernels.tornado.TornadoHarness.same;

import dev.orrery.kernels.tensor.Tensor;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UnpatchifyTornadoTest {
  /** Frames, rows, columns, channels, patch, order. */
  @ParameterizedTest
  @CsvSource({
    "2, 6, 4, 16, 2, CHANNEL_FASTEST",
    "3, 3, 6, 5, 3, CHANNEL_SLOWEST",
    "3, 8, 10, 11, 2, CHANNEL_FASTEST",
    "2, 5, 9, 3, 4, CHANNEL_FASTEST",
    "2, 5, 9, 3, 4, CHANNEL_SLOWEST",
    "1, 2, 3, 4, 1, CHANNEL_SLOWEST",
    "1, 1, 1, 1, 1, CHANNEL_FASTEST"
  })
  void movesValuesAsTheyAre(
      int frames, int rows, int columns, int channels, int patch, PatchOrder order) {
    int tokens = frames * Math.ceilDiv(rows, patch) * Math.ceilDiv(columns, patch);
    same(
        Unpatchify.class,
        (kernel, inputs) -> {
          Tensor out = inputs.output(frames, rows, columns, channels);
          Tensor x = inputs.fp32(1, 1 + tokens, patch * patch * channels).slice(1, 1 + tokens);
          kernel.run(x, patch, order, out);
          return out;
        });
  }

  @Test
  void findsPlantedBugs() {
    findsDroppedOffsets(
        Unpatchify.class,
        2,
        Set.of(),
        (kernel, inputs) -> {
          Tensor out = inputs.output(2, 4, 6, 5);
          kernel.run(inputs.fp32(1, 12, 20), 2, PatchOrder.CHANNEL_FASTEST, out);
          return out;
        });
  }
}
