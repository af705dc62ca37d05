package dev.orrery.kernels.norm;

import static dev.orrery.kernels.tornado.TornadoHarness.agree;
import static dev.orrery.kernels.tornado.TornadoHarness.findsBugs;

import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.tensor.Tensor;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ChannelRmsNormTornadoTest {
  @ParameterizedTest
  @CsvSource({
    // P, C, first element of x, activation
    "33, 96, 0, SILU",
    "5, 192, 0, NONE",
    "17, 384, 0, SILU",
    "9, 48, 0, SIGMOID",
    "7, 13, 0, GELU_ERF",
    "1, 1, 0, SILU",
    "16, 207, 0, GELU_TANH",
    "19, 8, 1, SILU",
    "2, 1024, 1, NONE"
  })
  void agreesWithReference(int pixels, int channels, int first, Activation activation) {
    agree(
        ChannelRmsNorm.class,
        (norm, inputs) -> {
          int end = first + pixels * channels;
          Tensor x = inputs.fp32(1, end).slice(first, end).reshape(pixels, channels);
          Tensor out = inputs.output(pixels, channels);
          norm.run(x, inputs.fp32(2, channels), activation, out);
          return out;
        });
  }

  @ParameterizedTest
  @CsvSource({"96", "13"})
  void outputMayBeInput(int channels) {
    agree(
        ChannelRmsNorm.class,
        (norm, inputs) -> {
          Tensor x = inputs.fp32(3, 21, channels);
          norm.run(x, inputs.fp32(4, channels), Activation.SILU, x);
          return x;
        });
  }

  /** Lengths around the bound: below it values are divided by 1e-12, above it by their length. */
  @ParameterizedTest
  @CsvSource({"0", "1e-15", "1e-11"})
  void boundsTheLengthFromBelow(float size) {
    float[] values = new float[48];
    for (int c = 0; c < 48; c++) {
      values[c] = size * (c + 1);
    }
    agree(
        ChannelRmsNorm.class,
        (norm, inputs) -> {
          Tensor out = inputs.output(1, 48);
          norm.run(inputs.values(values, 1, 48), inputs.fp32(5, 48), Activation.NONE, out);
          return out;
        });
  }

  @Test
  void findsPlantedBugs() {
    findsBugs(
        ChannelRmsNorm.class,
        3,
        Set.of(),
        (norm, inputs) -> {
          Tensor out = inputs.output(3, 100);
          norm.run(inputs.fp32(1, 3, 100), inputs.fp32(2, 100), Activation.SILU, out);
          return out;
        });
  }
}
