package dev.orrery.kernels.attention;

import static dev.orrery.kernels.tornado.TornadoHarness.agree;
import static dev.orrery.kernels.tornado.TornadoHarness.findsBugs;
import static dev.orrery.kernels.tornado.TornadoHarness.same;

import dev.orrery.kernels.KernelCase.Inputs;
import dev.orrery.kernels.KernelHarness;
import dev.orrery.kernels.tensor.Tensor;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TemporalAttentionTornadoTest {
  /** A part of a step of 16 keys, a whole one, several; head dims below and above the threads. */
  @ParameterizedTest
  @CsvSource({
    "1, 1, 1, 1, 1",
    "3, 3, 24, 2, 64",
    "4, 15, 5, 3, 64",
    "5, 16, 7, 1, 80",
    "9, 2, 5, 1, 16",
    "1, 40, 13, 1, 128",
    "3, 33, 4, 2, 13",
    "2, 3, 5, 1, 264"
  })
  void agreesWithReference(int frames, int keyFrames, int positions, int heads, int headDim) {
    agree(
        TemporalAttention.class,
        (attention, inputs) -> {
          Tensor out = inputs.output(frames, positions, heads, headDim);
          attention.run(
              inputs.fp32(1, frames + 2, positions, heads, headDim).slice(1, frames + 1),
              inputs.fp32(2, keyFrames + 1, positions, heads, headDim).slice(1, keyFrames + 1),
              inputs.fp32(3, keyFrames + 2, positions, heads, headDim).slice(2, keyFrames + 2),
              1 / Math.sqrt(headDim),
              out);
          return out;
        });
  }

  /** Steps of keys that end before, at and behind what a frame sees. */
  @ParameterizedTest
  @CsvSource({"1, 1, 1, 1, 1", "1, 20, 4, 2, 16", "18, 18, 3, 1, 8", "4, 34, 2, 2, 20"})
  void causalFramesSeeNoneAfterThem(
      int frames, int keyFrames, int positions, int heads, int headDim) {
    agree(
        TemporalAttention.class,
        (attention, inputs) -> {
          Tensor out = inputs.output(frames, positions, heads, headDim);
          attention.run(
              inputs.fp32(1, frames, positions, heads, headDim),
              inputs.fp32(2, keyFrames, positions, heads, headDim),
              inputs.fp32(3, keyFrames, positions, heads, headDim),
              Visibility.CAUSAL,
              1 / Math.sqrt(headDim),
              out);
          return out;
        });
  }

  /** The last key frame is NaN, which spoils everything it meets; only the last query sees it. */
  @Test
  void hiddenFramesDoNotMatter() {
    agree(
        TemporalAttention.class,
        (attention, inputs) -> {
          Tensor out = inputs.output(6, 3, 2, 16);
          attention.run(
              inputs.fp32(1, 6, 3, 2, 16),
              lastNan(inputs, 2),
              lastNan(inputs, 3),
              Visibility.CAUSAL,
              0.25,
              out);
          return out.slice(0, 5);
        });
  }

  private static Tensor lastNan(Inputs inputs, long seed) {
    Tensor host = KernelHarness.normal(seed, 8, 3, 2, 16);
    host.slice(7, 8).segment().fill((byte) 0xFF);
    return inputs.moved(host);
  }

  /** As {@link AttentionTornadoTest#survivesExtremeScores}. */
  @ParameterizedTest
  @CsvSource({"1000", "-1000", "0"})
  void takesAnyScale(double scale) {
    agree(
        TemporalAttention.class,
        1e-2,
        (attention, inputs) -> {
          Tensor out = inputs.output(3, 6, 2, 16);
          attention.run(
              inputs.fp32(1, 3, 6, 2, 16),
              inputs.fp32(2, 35, 6, 2, 16),
              inputs.fp32(3, 35, 6, 2, 16),
              scale,
              out);
          return out;
        });
  }

  @Test
  void singleKeyFrameGivesItsValues() {
    same(
        TemporalAttention.class,
        (attention, inputs) -> {
          Tensor out = inputs.output(3, 7, 2, 24);
          attention.run(
              inputs.fp32(1, 3, 7, 2, 24),
              inputs.fp32(2, 1, 7, 2, 24),
              inputs.fp32(3, 1, 7, 2, 24),
              1e4,
              out);
          return out;
        });
  }

  @Test
  void findsPlantedBugs() {
    findsBugs(
        TemporalAttention.class,
        4,
        Set.of(),
        (attention, inputs) -> {
          Tensor out = inputs.output(2, 3, 2, 20);
          attention.run(
              inputs.fp32(1, 2, 3, 2, 20),
              inputs.fp32(2, 18, 3, 2, 20),
              inputs.fp32(3, 18, 3, 2, 20),
              0.2,
              out);
          return out;
        });
  }
}
