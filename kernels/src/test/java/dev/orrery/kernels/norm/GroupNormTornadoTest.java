package dev.orrery.kernels.norm;

import static dev.orrery.kernels.tornado.TornadoHarness.agree;
import static dev.orrery.kernels.tornado.TornadoHarness.findsBugs;

import dev.orrery.kernels.KernelHarness;
import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.tensor.Tensor;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GroupNormTornadoTest {
  private static final double EPS = 1e-6;

  /** Pictures of part of a block, of several, and of so many that a block has more positions. */
  @ParameterizedTest
  @CsvSource({
    // N, P, C, G, first element of x, activation
    "2, 70, 128, 32, 0, SILU",
    "2, 16, 512, 32, 0, NONE",
    "3, 33, 13, 13, 0, GELU_ERF",
    "1, 33, 13, 1, 1, GELU_TANH",
    "1, 33000, 2, 1, 0, NONE",
    "2, 1, 80, 2, 1, SILU",
    "1, 1, 1, 1, 0, SILU",
    "2, 0, 8, 2, 0, NONE"
  })
  void agreesWithReference(
      int pictures, int positions, int channels, int groups, int first, Activation activation) {
    agree(
        GroupNorm.class,
        (norm, inputs) -> {
          int end = first + pictures * positions * channels;
          Tensor x = inputs.fp32(1, end).slice(first, end).reshape(pictures, positions, channels);
          Tensor weight = inputs.fp32(2, channels);
          Tensor bias = inputs.fp32(3, channels);
          Tensor out = inputs.output(pictures, positions, channels);
          norm.run(x, groups, weight, bias, EPS, activation, out);
          return out;
        });
  }

  /** Spread 3e-4 makes the variance smaller than eps; a mean of a thousand hides the spread. */
  @ParameterizedTest
  @CsvSource({"0, 3e-4", "1000, 1", "-1000, 0.1", "3, 3e-4", "1e6, 50"})
  void accurateForSmallSpreadAndLargeMean(float mean, float spread) {
    float[] values = KernelHarness.normal(4, 150 * 24).toFloats();
    for (int i = 0; i < values.length; i++) {
      values[i] = mean + spread * values[i];
    }
    agreeOn(values, 150, 24, 6);
  }

  /** What one block has says nothing about another: a slope, and a bright spot at the end. */
  @Test
  void accurateForPicturesThatChange() {
    float[] slope = KernelHarness.normal(5, 900 * 8).toFloats();
    float[] spot = slope.clone();
    for (int i = 0; i < slope.length; i++) {
      slope[i] += i / 8;
      spot[i] += i / 8 > 890 ? 1e4f : 0;
    }
    agreeOn(slope, 900, 8, 2);
    agreeOn(spot, 900, 8, 2);
  }

  private static void agreeOn(float[] values, int positions, int channels, int groups) {
    agree(
        GroupNorm.class,
        (norm, inputs) -> {
          Tensor x = inputs.moved(Tensor.of(values, 1, positions, channels));
          Tensor weight = inputs.fp32(6, channels);
          Tensor bias = inputs.fp32(7, channels);
          Tensor out = inputs.output(1, positions, channels);
          norm.run(x, groups, weight, bias, EPS, Activation.NONE, out);
          return out;
        });
  }

  @ParameterizedTest
  @CsvSource({"16", "10"})
  void outputMayBeInput(int channels) {
    agree(
        GroupNorm.class,
        (norm, inputs) -> {
          Tensor x = inputs.fp32(8, 2, 150, channels);
          Tensor weight = inputs.fp32(9, channels);
          Tensor bias = inputs.fp32(10, channels);
          norm.run(x, 2, weight, bias, EPS, Activation.SILU, x);
          return x;
        });
  }

  /**
   * A larger call after a smaller one, and a smaller one again: what lies between kernels moves.
   */
  @Test
  void callsOfSeveralSizes() {
    agree(
        GroupNorm.class,
        (norm, inputs) -> {
          Tensor weight = inputs.fp32(11, 12);
          Tensor bias = inputs.fp32(12, 12);
          Tensor out = inputs.output(3, 50, 12);
          Tensor x = inputs.fp32(13, 3, 50, 12);
          int[][] calls = {{0, 1}, {0, 3}, {1, 2}};
          for (int[] call : calls) {
            Tensor part = out.slice(call[0], call[1]);
            norm.run(x.slice(call[0], call[1]), 3, weight, bias, EPS, Activation.NONE, part);
          }
          return out;
        });
  }

  @Test
  void findsPlantedBugs() {
    findsBugs(
        GroupNorm.class,
        4,
        Set.of(),
        (norm, inputs) -> {
          Tensor out = inputs.output(2, 70, 100);
          Tensor x = inputs.fp32(1, 2, 70, 100);
          Tensor weight = inputs.fp32(2, 100);
          norm.run(x, 5, weight, inputs.fp32(3, 100), EPS, Activation.SILU, out);
          return out;
        });
  }
}
