package dev.orrery.kernels.layout;

import static dev.orrery.kernels.tornado.TornadoHarness.findsDroppedOffsets;
import static dev.orrery.kernels.tornado.TornadoHarness.same;

import dev.orrery.kernels.tensor.Tensor;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AppendColumnsTornadoTest {
  /** Tokens, frames, channels, columns of a frame, tokens left out at the start. */
  @ParameterizedTest
  @CsvSource({
    "6, 3, 1536, 256, 0",
    "9, 3, 21, 5, 0",
    "10, 5, 40, 3, 1",
    "8, 2, 3, 2, 1",
    "5, 1, 16, 0, 0",
    "5, 1, 0, 16, 0",
    "1, 1, 1, 1, 0"
  })
  void movesValuesAsTheyAre(int tokens, int frames, int channels, int columns, int skip) {
    same(
        AppendColumns.class,
        (kernel, inputs) -> {
          Tensor x = inputs.fp32(1, tokens + skip, channels).slice(skip, tokens + skip);
          Tensor frame = inputs.fp32(2, frames + skip, columns).slice(skip, frames + skip);
          Tensor out = inputs.output(tokens, channels + columns);
          kernel.run(x, frame, out);
          return out;
        });
  }

  @Test
  void findsPlantedBugs() {
    findsDroppedOffsets(
        AppendColumns.class,
        3,
        Set.of(),
        (kernel, inputs) -> {
          Tensor out = inputs.output(12, 9);
          kernel.run(inputs.fp32(1, 12, 5), inputs.fp32(2, 3, 4), out);
          return out;
        });
  }
}
