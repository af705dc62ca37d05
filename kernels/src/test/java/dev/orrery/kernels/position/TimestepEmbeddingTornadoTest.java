package dev.orrery.kernels.position;

import static dev.orrery.kernels.tornado.TornadoHarness.agree;
import static dev.orrery.kernels.tornado.TornadoHarness.findsDroppedOffsets;

import dev.orrery.kernels.KernelCase.Inputs;
import dev.orrery.kernels.tensor.Tensor;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TimestepEmbeddingTornadoTest {
  @ParameterizedTest
  @CsvSource({"3, 256", "1, 2", "7, 1002"})
  void agreesWithReference(int frames, int columns) {
    float[] timesteps = new float[frames];
    for (int f = 0; f < frames; f++) {
      timesteps[f] = 1000f * (f + 1) / (f + 3) - 333;
    }
    agree(TimestepEmbedding.class, (kernel, inputs) -> embed(kernel, inputs, timesteps, columns));
  }

  /** Whole timesteps and fractions, with a limit that a reduction in plain fp32 misses 20 times. */
  @Test
  void isAccurateOverTheWholeRange() {
    Random random = new Random(1);
    float[] timesteps = new float[300];
    for (int f = 0; f < timesteps.length; f++) {
      timesteps[f] = f % 2 == 0 ? 1000 - f : 1000 * random.nextFloat();
    }
    agree(TimestepEmbedding.class, 5e-7, (kernel, inputs) -> embed(kernel, inputs, timesteps, 256));
  }

  @Test
  void findsDroppedOffset() {
    float[] timesteps = {1000, 3.5f};
    findsDroppedOffsets(
        TimestepEmbedding.class,
        2,
        Set.of(),
        (kernel, inputs) -> embed(kernel, inputs, timesteps, 6));
  }

  private static Tensor embed(
      TimestepEmbedding kernel, Inputs inputs, float[] timesteps, int columns) {
    Tensor out = inputs.output(timesteps.length, columns);
    kernel.run(inputs.moved(Tensor.of(timesteps, timesteps.length)), out);
    return out;
  }
}
