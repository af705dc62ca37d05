package dev.orrery.kernels.layout;

import static dev.orrery.kernels.tornado.TornadoHarness.findsDroppedOffsets;
import static dev.orrery.kernels.tornado.TornadoHarness.same;

import dev.orrery.kernels.tensor.Tensor;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UnpatchifyTornadoTest {
  /** Frames, rows, columns, channels, patch. */
  @ParameterizedTest
  @CsvSource({
    "2, 6, 4, 16, 2",
    "3, 3, 6, 5, 3",
    "3, 8, 10, 11, 2",
    "1, 2, 3, 4, 1",
    "1, 1, 1, 1, 1"
  })
  void movesValuesAsTheyAre(int frames, int rows, int columns, int channels, int patch) {
    int tokens = frames * (rows / patch) * (columns / patch);
    same(
        Unpatchify.class,
        (kernel, inputs) -> {
          Tensor out = inputs.output(frames, rows, columns, channels);
          Tensor x = inputs.fp32(1, 1 + tokens, patch * patch * channels).slice(1, 1 + tokens);
          kernel.run(x, patch, out);
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
          kernel.run(inputs.fp32(1, 12, 20), 2, out);
          return out;
        });
  }
}
