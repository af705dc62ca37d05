package dev.orrery.kernels.sampling;

import static dev.orrery.kernels.tornado.TornadoHarness.agree;
import static dev.orrery.kernels.tornado.TornadoHarness.findsDroppedOffsets;

import dev.orrery.kernels.tensor.Tensor;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AddNoiseTornadoTest {
  /** Within a limit and not to the bit: a device with {@code fma} rounds once less. */
  @ParameterizedTest
  @CsvSource({"1, 0", "13, 0", "2048, 0", "5003, 3"})
  void agreesWithReference(int count, int skip) {
    agree(
        AddNoise.class,
        (kernel, inputs) -> {
          Tensor clean = inputs.fp32(1, count + skip).slice(skip, count + skip);
          Tensor out = inputs.output(count);
          kernel.run(clean, inputs.fp32(2, count), 0.7123456f, out);
          return out;
        });
  }

  @ParameterizedTest
  @CsvSource({"0", "1"})
  void takesTheEndsOfTheScale(float sigma) {
    agree(
        AddNoise.class,
        (kernel, inputs) -> {
          Tensor out = inputs.output(100);
          kernel.run(inputs.fp32(1, 100), inputs.fp32(2, 100), sigma, out);
          return out;
        });
  }

  @Test
  void outputMayBeInput() {
    for (boolean first : new boolean[] {true, false}) {
      agree(
          AddNoise.class,
          (kernel, inputs) -> {
            Tensor a = inputs.fp32(3, 3, 301);
            Tensor b = inputs.fp32(4, 3, 301);
            Tensor out = first ? a : b;
            kernel.run(a, b, 0.7123456f, out);
            return out;
          });
    }
  }

  @Test
  void findsPlantedBugs() {
    findsDroppedOffsets(
        AddNoise.class,
        3,
        Set.of(),
        (kernel, inputs) -> {
          Tensor out = inputs.output(300);
          kernel.run(inputs.fp32(1, 300), inputs.fp32(2, 300), 0.7123456f, out);
          return out;
        });
  }
}
