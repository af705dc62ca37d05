package dev.orrery.kernels.norm;

import static dev.orrery.kernels.KernelHarness.agree;
import static dev.orrery.kernels.KernelHarness.compute;
import static dev.orrery.kernels.KernelHarness.normal;
import static dev.orrery.kernels.KernelHarness.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.InPlace;
import dev.orrery.kernels.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LayerNormModulateTest {
  private static final double EPS = 1e-6;

  @ParameterizedTest
  @CsvSource({"1,1,13,0", "3,1,207,0", "13,13,16,0", "207,3,48,0", "60,3,1536,0", "60,4,207,1000"})
  void agreesWithReference(int tokens, int frames, int columns, float mean) {
    float[] values = normal(1, (long) tokens * columns).toFloats();
    for (int i = 0; i < values.length; i++) {
      values[i] += mean;
    }
    Tensor x = Tensor.of(values, tokens, columns);
    Tensor shift = normal(2, frames, columns);
    Tensor scale = normal(3, frames, columns);
    agree(LayerNormModulate.class, (k, out) -> k.run(x, shift, scale, EPS, out), tokens, columns);
  }

  @Test
  void definition() {
    Tensor x = Tensor.of(new float[] {1, 3, 3, 1}, 2, 2);
    Tensor shift = Tensor.of(new float[] {0, 0, 7, 8}, 2, 2);
    Tensor scale = Tensor.of(new float[] {0, 1, 2, 3}, 2, 2);
    float[] out =
        compute(
            CpuBackend.reference(1),
            LayerNormModulate.class,
            (k, o) -> k.run(x, shift, scale, 3, o),
            2,
            2);
    assertArrayEquals(new float[] {-0.5f, 1, 8.5f, 6}, out);
  }

  @Test
  void outputMayBeInput() {
    Tensor shift = normal(4, 3, 207);
    Tensor scale = normal(5, 3, 207);
    InPlace.same(
        LayerNormModulate.class,
        normal(6, 300, 207),
        (k, in, out) -> k.run(in, shift, scale, EPS, out));
  }

  @Test
  void refusesTokensThatFramesDoNotDivide() {
    Tensor x = normal(7, 8, 16);
    Tensor vectors = normal(8, 3, 16);
    try (CpuBackend backend = CpuBackend.simd(1)) {
      LayerNormModulate kernel = backend.kernel(LayerNormModulate.class);
      refused(
          "tokens of x: expected a multiple of frames of shift = 3, found 8",
          () -> kernel.run(x, vectors, vectors, EPS, x));
    }
  }
}
