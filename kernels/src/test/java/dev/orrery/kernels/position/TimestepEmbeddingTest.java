package dev.orrery.kernels.position;

import static dev.orrery.kernels.KernelHarness.agree;
import static dev.orrery.kernels.KernelHarness.compute;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.KernelHarness;
import dev.orrery.kernels.tensor.Tensor;
import org.junit.jupiter.api.Test;

class TimestepEmbeddingTest {
  @Test
  void bothBackendsCompute() {
    Tensor timesteps = Tensor.of(new float[] {1000, 908.84278f, 0}, 3);
    agree(TimestepEmbedding.class, (k, out) -> k.run(timesteps, out), 3, 256);
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
    assertThrows(IllegalArgumentException.class, () -> kernel.run(timesteps, out));
  }
}
