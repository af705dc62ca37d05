package dev.orrery.kernels.layout;

import static dev.orrery.kernels.tornado.TornadoHarness.findsDroppedOffsets;
import static dev.orrery.kernels.tornado.TornadoHarness.same;

import dev.orrery.kernels.tensor.Tensor;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TimeUnshuffleTornadoTest {
  @ParameterizedTest
  @CsvSource({
    // T, P, C, first frame of x
    "3, 35, 16, 0",
    "2, 13, 3, 1",
    "1, 1, 6, 2",
    "1, 1, 1, 0"
  })
  void movesEveryHalf(int frames, int pixels, int channels, int first) {
    same(
        TimeUnshuffle.class,
        (kernel, inputs) -> {
          Tensor x = inputs.fp32(1, first + frames, pixels, 2L * channels);
          Tensor out = inputs.output(2L * frames, pixels, channels);
          kernel.run(x.slice(first, first + frames), out);
          return out;
        });
  }

  @Test
  void findsPlantedBugs() {
    findsDroppedOffsets(
        TimeUnshuffle.class,
        2,
        Set.of(),
        (kernel, inputs) -> {
          Tensor out = inputs.output(4, 13, 3);
          kernel.run(inputs.fp32(1, 2, 13, 6), out);
          return out;
        });
  }
}
