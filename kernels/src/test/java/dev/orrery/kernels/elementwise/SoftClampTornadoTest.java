package dev.orrery.kernels.elementwise;

import static dev.orrery.kernels.tornado.TornadoHarness.agree;
import static dev.orrery.kernels.tornado.TornadoHarness.findsDroppedOffsets;

import dev.orrery.kernels.tensor.Tensor;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SoftClampTornadoTest {
  @Test
  void agreesWithReferenceAtAnySizeAndAddress() {
    for (int count : new int[] {1, 13, 2048, 5003}) {
      for (int skip : new int[] {0, 3}) {
        agree(
            SoftClamp.class,
            (kernel, inputs) -> {
              Tensor x = inputs.fp32(1, count + skip).slice(skip, count + skip);
              Tensor out = inputs.output(count + skip).slice(skip, count + skip);
              kernel.run(x, 3, out);
              return out;
            });
      }
    }
  }

  @Test
  void outputMayBeInput() {
    agree(
        SoftClamp.class,
        (kernel, inputs) -> {
          Tensor x = inputs.fp32(2, 7, 301);
          kernel.run(x, 3, x);
          return x;
        });
  }

  @ParameterizedTest
  @CsvSource({"0.25", "0.7", "100"})
  void takesAnyLimit(double limit) {
    agree(
        SoftClamp.class,
        (kernel, inputs) -> {
          Tensor out = inputs.output(3001);
          kernel.run(inputs.fp32(1, 3001), limit, out);
          return out;
        });
  }

  @Test
  void findsPlantedBugs() {
    findsDroppedOffsets(
        SoftClamp.class,
        2,
        Set.of(),
        (kernel, inputs) -> {
          Tensor out = inputs.output(300);
          kernel.run(inputs.fp32(1, 300), 3, out);
          return out;
        });
  }
}
