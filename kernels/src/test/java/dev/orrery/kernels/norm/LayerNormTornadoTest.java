package dev.orrery.kernels.norm;

import static dev.orrery.kernels.tornado.TornadoHarness.agree;
import static dev.orrery.kernels.tornado.TornadoHarness.findsBugs;

import dev.orrery.kernels.KernelHarness;
import dev.orrery.kernels.tensor.Tensor;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LayerNormTornadoTest {
  private static final double EPS = 1e-6;

  @ParameterizedTest
  @CsvSource({"1, 1", "9, 13", "20, 64", "5, 257", "3, 1536", "2, 9216", "2, 17000"})
  void agreesWithReference(int rows, int columns) {
    agree(
        LayerNorm.class,
        (norm, inputs) -> {
          Tensor out = inputs.output(rows, columns);
          norm.run(
              inputs.fp32(1, rows + 1, columns).slice(1, rows + 1),
              inputs.fp32(2, columns),
              inputs.fp32(3, columns),
              EPS,
              out);
          return out;
        });
  }

  /** Spread 3e-4 makes the variance smaller than eps; a mean of a thousand hides the spread. */
  @ParameterizedTest
  @CsvSource({"0, 3e-4", "1000, 1", "-1000, 0.1", "3, 3e-4", "1e6, 50"})
  void accurateForSmallSpreadAndLargeMean(float mean, float spread) {
    for (int columns : new int[] {207, 1536}) {
      float[] values = KernelHarness.normal(4, 3L * columns).toFloats();
      for (int i = 0; i < values.length; i++) {
        values[i] = mean + spread * values[i];
      }
      agree(
          LayerNorm.class,
          (norm, inputs) -> {
            Tensor out = inputs.output(3, columns);
            Tensor x = inputs.moved(Tensor.of(values, 3, columns));
            norm.run(x, inputs.fp32(5, columns), inputs.fp32(6, columns), EPS, out);
            return out;
          });
    }
  }

  @ParameterizedTest
  @CsvSource({"40", "207", "1000"})
  void outputMayBeInput(int columns) {
    agree(
        LayerNorm.class,
        (norm, inputs) -> {
          Tensor x = inputs.fp32(7, 4, columns).slice(1, 4);
          norm.run(x, inputs.fp32(8, columns), inputs.fp32(9, columns), EPS, x);
          return x;
        });
  }

  @Test
  void findsPlantedBugs() {
    findsBugs(
        LayerNorm.class,
        4,
        Set.of(),
        (norm, inputs) -> {
          Tensor out = inputs.output(3, 100);
          norm.run(inputs.fp32(1, 3, 100), inputs.fp32(2, 100), inputs.fp32(3, 100), EPS, out);
          return out;
        });
  }
}
