package dev.orrery.kernels.layout;

import static dev.orrery.kernels.tornado.TornadoHarness.findsDroppedOffsets;
import static dev.orrery.kernels.tornado.TornadoHarness.same;

import dev.orrery.kernels.tensor.Tensor;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NearestUpsampleTornadoTest {
  @ParameterizedTest
  @CsvSource({
    // T, Y, X, C, first frame of x
    "2, 5, 7, 16, 0",
    "1, 3, 5, 3, 2",
    "3, 1, 1, 6, 0",
    "2, 4, 3, 1, 1"
  })
  void repeatsEveryPixel(int frames, int rows, int columns, int channels, int first) {
    same(
        NearestUpsample.class,
        (kernel, inputs) -> {
          Tensor x = inputs.fp32(1, first + frames, rows, columns, channels);
          Tensor out = inputs.output(frames, 2L * rows, 2L * columns, channels);
          kernel.run(x.slice(first, first + frames), out);
          return out;
        });
  }

  @Test
  void findsPlantedBugs() {
    findsDroppedOffsets(
        NearestUpsample.class,
        2,
        Set.of(),
        (kernel, inputs) -> {
          Tensor out = inputs.output(2, 4, 6, 5);
          kernel.run(inputs.fp32(1, 2, 2, 3, 5), out);
          return out;
        });
  }
}
