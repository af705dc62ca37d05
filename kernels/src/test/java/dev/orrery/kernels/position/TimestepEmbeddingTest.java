package dev.orrery.kernels.position;

import static dev.orrery.kernels.KernelHarness.compute;
import static dev.orrery.kernels.KernelHarness.refused;
import static dev.orrery.kernels.KernelHarness.shared;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.KernelHarness;
import dev.orrery.kernels.tensor.Tensor;
import org.junit.jupiter.api.Test;

class TimestepEmbeddingTest {
  @Test
  void matchesTheFormulaAtTheWidthOfTheModels() {
    float[] steps = {1000, 908.84278f, 0};
    float[] expected = new float[3 * 256];
    for (int i = 0; i < expected.length; i++) {
      int k = i % 128;
      double angle = steps[i / 256] / Math.exp(k / 128.0 * Math.log(10000));
      expected[i] = (float) (i % 256 < 128 ? Math.cos(angle) : Math.sin(angle));
    }
    Tensor timesteps = Tensor.of(steps, 3);
    float[] found = shared(TimestepEmbedding.class, (k, out) -> k.run(timesteps, out), 3, 256);
    assertArrayEquals(expected, found, 1e-7f);
  }

  @Test
  void cosinesThenSinesOfFallingFrequencies() {
    Tensor timesteps = Tensor.of(new float[] {0, 713.97942f}, 2);
    float[] out =
        compute(
            CpuBackend.reference(1), TimestepEmbedding.class, (k, o) -> k.run(timesteps, o), 2, 4);
    double step = 713.97942f;
    float[] expected = {
      1,
      1,
      0,
      0,
      (float) Math.cos(step),
      (float) Math.cos(step / 100),
      (float) Math.sin(step),
      (float) Math.sin(step / 100)
    };
    assertArrayEquals(expected, out, 1e-7f);
  }

  @Test
  void refusesOddWidths() {
    Tensor timesteps = Tensor.of(new float[] {1}, 1);
    Tensor out = KernelHarness.normal(1, 1, 5);
    TimestepEmbedding kernel = new TimestepEmbeddingCpu();
    refused(
        "columns of out: expected a multiple of the two halves = 2, found 5",
        () -> kernel.run(timesteps, out));
  }
}
