package dev.orrery.kernels.norm;

import static dev.orrery.kernels.tornado.TornadoHarness.agree;
import static dev.orrery.kernels.tornado.TornadoHarness.findsBugs;

import dev.orrery.kernels.tensor.Tensor;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RmsNormTornadoTest {
  @ParameterizedTest
  @CsvSource({
    "1, 1, true",
    "3, 63, false",
    "2, 64, true",
    "5, 65, true",
    "7, 1536, true",
    "2, 5120, false"
  })
  void agreesWithReference(int rows, int columns, boolean weighted) {
    agree(
        RmsNorm.class,
        (norm, inputs) -> {
          Tensor out = inputs.output(rows, columns);
          Tensor x = inputs.fp32(1, rows + 1, columns).slice(1, rows + 1);
          norm.run(x, weighted ? inputs.fp32(2, columns) : null, 1e-6, out);
          return out;
        });
  }

  @ParameterizedTest
  @CsvSource({"3, 100"})
  void outputMayBeInput(int rows, int columns) {
    agree(
        RmsNorm.class,
        (norm, inputs) -> {
          Tensor x = inputs.fp32(1, rows, columns);
          norm.run(x, inputs.fp32(2, columns), 1e-5, x);
          return x;
        });
  }

  @Test
  void findsPlantedBugs() {
    findsBugs(
        RmsNorm.class,
        3,
        Set.of(),
        (norm, inputs) -> {
          Tensor out = inputs.output(3, 100);
          norm.run(inputs.fp32(1, 3, 100), inputs.fp32(2, 100), 1e-6, out);
          return out;
        });
  }
}
