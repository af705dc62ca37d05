package dev.orrery.kernels.elementwise;

import static dev.orrery.kernels.tornado.TornadoHarness.agree;
import static dev.orrery.kernels.tornado.TornadoHarness.findsDroppedOffsets;

import dev.orrery.kernels.tensor.Tensor;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ChannelAffineTornadoTest {
  @ParameterizedTest
  @CsvSource({
    // rows, channels, first row of x, of out
    "301, 16, 0, 0",
    "171, 3, 0, 2",
    "171, 13, 1, 0",
    "1, 207, 0, 0",
    "300, 1, 3, 1"
  })
  void agreesWithReference(int rows, int channels, int first, int firstOut) {
    agree(
        ChannelAffine.class,
        (kernel, inputs) -> {
          Tensor x = inputs.fp32(1, rows + first, channels).slice(first, rows + first);
          Tensor out = inputs.output(rows + firstOut, channels).slice(firstOut, rows + firstOut);
          kernel.run(x, inputs.fp32(2, channels), inputs.fp32(3, channels), out);
          return out;
        });
  }

  @Test
  void outputMayBeInput() {
    agree(
        ChannelAffine.class,
        (kernel, inputs) -> {
          Tensor x = inputs.fp32(4, 101, 5);
          kernel.run(x, inputs.fp32(5, 5), inputs.fp32(6, 5), x);
          return x;
        });
  }

  @Test
  void findsPlantedBugs() {
    findsDroppedOffsets(
        ChannelAffine.class,
        4,
        Set.of(),
        (kernel, inputs) -> {
          Tensor out = inputs.output(30, 7);
          kernel.run(inputs.fp32(1, 30, 7), inputs.fp32(2, 7), inputs.fp32(3, 7), out);
          return out;
        });
  }
}
