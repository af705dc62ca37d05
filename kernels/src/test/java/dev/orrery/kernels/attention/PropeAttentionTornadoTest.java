package dev.orrery.kernels.attention;

import static dev.orrery.kernels.tornado.TornadoHarness.agree;
import static dev.orrery.kernels.tornado.TornadoHarness.findsBugs;

import dev.orrery.kernels.KernelCase.Inputs;
import dev.orrery.kernels.tensor.Tensor;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PropeAttentionTornadoTest {
  /** Frames that end within tiles, and one frame; head dims of no tile; plain keys. */
  @ParameterizedTest
  @CsvSource({
    "1, 1, 1, 4, 1, 1, 0",
    "33, 170, 3, 40, 11, 17, 0",
    "7, 33, 2, 64, 7, 3, 0",
    "6, 32, 1, 128, 2, 2, 0",
    "18, 73, 2, 20, 3, 5, 3",
    "7, 131, 2, 36, 7, 3, 65",
    "2, 70, 1, 164, 1, 7, 0"
  })
  void agreesWithReference(
      int queries, int keys, int heads, int headDim, int queryFrames, int keyFrames, int plain) {
    agree(
        PropeAttention.class,
        (attention, inputs) -> {
          Tensor out = inputs.output(queries, heads, headDim);
          attention.run(
              inputs.fp32(1, queries + 2, heads, headDim).slice(1, queries + 1),
              inputs.fp32(2, keys + 1, heads, headDim).slice(1, keys + 1),
              inputs.fp32(3, keys + 2, heads, headDim).slice(2, keys + 2),
              imageFromWorld(inputs, queryFrames + 1).slice(1, queryFrames + 1),
              worldFromImage(inputs, keyFrames + 2).slice(1, keyFrames + 1),
              plain,
              1 / Math.sqrt(headDim),
              inputs.output(0, heads, headDim),
              out);
          return out;
        });
  }

  private static Tensor imageFromWorld(Inputs inputs, int frames) {
    float[] matrices = CameraMatrices.random(4, frames, null).imageFromWorld();
    return inputs.moved(Tensor.of(matrices, frames, 4, 4));
  }

  private static Tensor worldFromImage(Inputs inputs, int frames) {
    float[] matrices = CameraMatrices.random(5, frames, null).worldFromImage();
    return inputs.moved(Tensor.of(matrices, frames, 4, 4));
  }

  @Test
  void takesANegativeScale() {
    agree(
        PropeAttention.class,
        (attention, inputs) -> {
          Tensor out = inputs.output(4, 1, 64);
          attention.run(
              inputs.fp32(1, 4, 1, 64),
              inputs.fp32(2, 70, 1, 64),
              inputs.fp32(3, 70, 1, 64),
              imageFromWorld(inputs, 2),
              worldFromImage(inputs, 7),
              0,
              -0.125,
              inputs.output(0, 1, 64),
              out);
          return out;
        });
  }

  @Test
  void findsPlantedBugs() {
    findsBugs(
        PropeAttention.class,
        7,
        Set.of(3),
        (attention, inputs) -> {
          Tensor out = inputs.output(18, 2, 36);
          attention.run(
              inputs.fp32(1, 18, 2, 36),
              inputs.fp32(2, 73, 2, 36),
              inputs.fp32(3, 73, 2, 36),
              imageFromWorld(inputs, 3),
              worldFromImage(inputs, 7),
              3,
              0.2,
              inputs.output(0, 2, 36),
              out);
          return out;
        });
  }
}
