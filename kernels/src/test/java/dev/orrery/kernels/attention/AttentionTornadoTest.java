package dev.orrery.kernels.attention;

import static dev.orrery.kernels.tornado.TornadoHarness.agree;
import static dev.orrery.kernels.tornado.TornadoHarness.findsBugs;

import dev.orrery.kernels.KernelCase.Inputs;
import dev.orrery.kernels.KernelHarness;
import dev.orrery.kernels.tensor.Tensor;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AttentionTornadoTest {
  /** A part of a tile, whole tiles and several; head dims of no tile, and that of a VAE. */
  @ParameterizedTest
  @CsvSource({
    "1, 1, 1, 1",
    "3, 5, 2, 13",
    "16, 64, 1, 32",
    "33, 170, 3, 40",
    "7, 33, 2, 64",
    "17, 129, 2, 80",
    "5, 65, 1, 160",
    "2, 70, 1, 1024"
  })
  void agreesWithReference(int queries, int keys, int heads, int headDim) {
    agree(
        Attention.class,
        (attention, inputs) -> {
          Tensor out = inputs.output(queries, heads, headDim);
          attention.run(
              inputs.fp32(1, queries + 2, heads, headDim).slice(1, queries + 1),
              inputs.fp32(2, keys + 1, heads, headDim).slice(1, keys + 1),
              inputs.fp32(3, keys + 2, heads, headDim).slice(2, keys + 2),
              1 / Math.sqrt(headDim),
              out);
          return out;
        });
  }

  /** Whole groups and parts of them; sequences of a tile of keys and of more. */
  @ParameterizedTest
  @CsvSource({"3, 16, 64, 2, 8", "2, 18, 70, 1, 36", "9, 1, 1, 2, 5", "2, 144, 144, 1, 16"})
  void sequencesDoNotSeeEachOther(int sequences, int queries, int keys, int heads, int headDim) {
    agree(
        Attention.class,
        (attention, inputs) -> {
          Tensor out = inputs.output(sequences * queries, heads, headDim);
          attention.run(
              inputs.fp32(1, sequences * queries, heads, headDim),
              inputs.fp32(2, sequences * keys, heads, headDim),
              inputs.fp32(3, sequences * keys, heads, headDim),
              sequences,
              1 / Math.sqrt(headDim),
              out);
          return out;
        });
  }

  /** The sequences before and behind are NaN, which spoils everything it meets. */
  @Test
  void seesNothingOfOtherSequences() {
    agree(
        Attention.class,
        (attention, inputs) -> {
          Tensor out = inputs.output(3 * 5, 2, 20);
          attention.run(
              amongNan(inputs, 1, 5),
              amongNan(inputs, 2, 70),
              amongNan(inputs, 3, 70),
              3,
              0.25,
              out);
          return out.slice(5, 10);
        });
  }

  private static Tensor amongNan(Inputs inputs, long seed, int rows) {
    Tensor host = KernelHarness.normal(seed, 3L * rows, 2, 20);
    host.slice(0, rows).segment().fill((byte) 0xFF);
    host.slice(2L * rows, 3L * rows).segment().fill((byte) 0xFF);
    return inputs.moved(host);
  }

  @Test
  void sumsOfManyKeysStayAccurate() {
    agree(
        Attention.class,
        (attention, inputs) -> {
          Tensor out = inputs.output(2, 1, 8);
          attention.run(
              inputs.fp32(1, 2, 1, 8),
              inputs.fp32(2, 4000, 1, 8),
              inputs.fp32(3, 4000, 1, 8),
              1,
              out);
          return out;
        });
  }

  /** Rows beside the window are NaN, which spoils everything it meets, even with weight zero. */
  @Test
  void seesNothingBesideItsWindow() {
    agree(
        Attention.class,
        (attention, inputs) -> {
          Tensor out = inputs.output(3, 2, 20);
          attention.run(inputs.fp32(1, 3, 2, 20), window(inputs, 2), window(inputs, 3), 0.25, out);
          return out;
        });
  }

  private static Tensor window(Inputs inputs, long seed) {
    Tensor host = KernelHarness.normal(seed, 100, 2, 20);
    host.slice(0, 25).segment().fill((byte) 0xFF);
    host.slice(95, 100).segment().fill((byte) 0xFF);
    return inputs.moved(host).slice(25, 95);
  }

  /**
   * Scores of about 1e4 of either sign: only one weight of a query remains. Scores near 1e4 are
   * rounded to 1e-3 in fp32, which moves the weights of near ties.
   */
  @ParameterizedTest
  @CsvSource({"1000", "-1000"})
  void survivesExtremeScores(double scale) {
    agree(
        Attention.class,
        1e-2,
        (attention, inputs) -> {
          Tensor out = inputs.output(20, 1, 64);
          attention.run(
              inputs.fp32(1, 20, 1, 64),
              inputs.fp32(2, 150, 1, 64),
              inputs.fp32(3, 150, 1, 64),
              scale,
              out);
          return out;
        });
  }

  /** Keys in ascending order make every tile raise the maximum of the first query. */
  @Test
  void followsAMaximumThatRisesWithEveryTile() {
    int keys = 260;
    float[] ramp = new float[keys * 4];
    for (int i = 0; i < keys; i++) {
      ramp[i * 4] = i / 16;
    }
    float[] slopes = {1, 0, 0, 0, -1, 0, 0, 0, 0.125f, 0, 0, 0};
    agree(
        Attention.class,
        (attention, inputs) -> {
          Tensor out = inputs.output(3, 1, 4);
          attention.run(
              inputs.values(slopes, 3, 1, 4),
              inputs.values(ramp, keys, 1, 4),
              inputs.fp32(3, keys, 1, 4),
              1,
              out);
          return out;
        });
  }

  @Test
  void scaleOfZeroGivesTheMeanOfTheValues() {
    agree(
        Attention.class,
        (attention, inputs) -> {
          Tensor out = inputs.output(2, 1, 16);
          attention.run(
              inputs.fp32(1, 2, 1, 16),
              inputs.fp32(2, 70, 1, 16),
              inputs.fp32(3, 70, 1, 16),
              0,
              out);
          return out;
        });
  }

  @Test
  void findsPlantedBugs() {
    findsBugs(
        Attention.class,
        7,
        Set.of(3, 4, 5),
        (attention, inputs) -> {
          Tensor out = inputs.output(18, 2, 36);
          attention.run(
              inputs.fp32(1, 18, 2, 36),
              inputs.fp32(2, 70, 2, 36),
              inputs.fp32(3, 70, 2, 36),
              0.2,
              out);
          return out;
        });
  }
}
