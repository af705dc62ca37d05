package dev.orrery.kernels.norm;

import static dev.orrery.kernels.tornado.TornadoHarness.agree;
import static dev.orrery.kernels.tornado.TornadoHarness.findsBugs;

import dev.orrery.kernels.tensor.Tensor;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LayerNormModulateTornadoTest {
  private static final double EPS = 1e-6;

  @ParameterizedTest
  @CsvSource({
    "1, 1, 1",
    "9, 3, 13",
    "28, 7, 64",
    "6, 3, 257",
    "6, 2, 1536",
    "2, 1, 9216",
    "2, 2, 17000"
  })
  void agreesWithReference(int tokens, int frames, int channels) {
    agree(
        LayerNormModulate.class,
        (norm, inputs) -> {
          Tensor out = inputs.output(tokens, channels);
          norm.run(
              inputs.fp32(1, tokens, channels),
              inputs.fp32(2, frames, channels),
              inputs.fp32(3, frames, channels),
              EPS,
              out);
          return out;
        });
  }

  @ParameterizedTest
  @CsvSource({"40", "207", "1000"})
  void outputMayBeInput(int channels) {
    agree(
        LayerNormModulate.class,
        (norm, inputs) -> {
          Tensor x = inputs.fp32(4, 7, channels).slice(1, 7);
          Tensor shift = inputs.fp32(5, 3, channels).slice(1, 3);
          Tensor scale = inputs.fp32(6, 3, channels).slice(1, 3);
          norm.run(x, shift, scale, EPS, x);
          return x;
        });
  }

  @Test
  void findsPlantedBugs() {
    findsBugs(
        LayerNormModulate.class,
        4,
        Set.of(),
        (norm, inputs) -> {
          Tensor out = inputs.output(4, 100);
          norm.run(
              inputs.fp32(1, 4, 100), inputs.fp32(2, 2, 100), inputs.fp32(3, 2, 100), EPS, out);
          return out;
        });
  }
}
