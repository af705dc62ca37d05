package dev.orrery.kernels.norm;

import static dev.orrery.kernels.KernelHarness.agree;
import static dev.orrery.kernels.KernelHarness.compute;
import static dev.orrery.kernels.KernelHarness.normal;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.InPlace;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LayerNormTest {
  private static final double EPS = 1e-6;

  @ParameterizedTest
  @CsvSource({"1,13", "3,207", "13,16", "207,48", "1001,64", "50,1536", "2,1"})
  void agreesWithReference(int rows, int columns) {
    Tensor x = normal(1, rows, columns);
    for (DType dtype : new DType[] {DType.F32, DType.BF16, DType.F16}) {
      Tensor weight = normal(2, dtype, columns);
      Tensor bias = normal(3, dtype, columns);
      agree(LayerNorm.class, (k, out) -> k.run(x, weight, bias, EPS, out), rows, columns);
    }
  }

  /** Spread 3e-4 makes the variance smaller than eps; a mean of a thousand hides the spread. */
  @ParameterizedTest
  @CsvSource({"0,3e-4", "1000,1", "-1000,0.1", "3,3e-4", "1e6,50"})
  void accurateForSmallSpreadAndLargeMean(float mean, float spread) {
    for (int columns : new int[] {207, 1536}) {
      float[] values = normal(4, 13L * columns).toFloats();
      for (int i = 0; i < values.length; i++) {
        values[i] = mean + spread * values[i];
      }
      Tensor x = Tensor.of(values, 13, columns);
      Tensor weight = normal(5, columns);
      Tensor bias = normal(6, columns);
      agree(LayerNorm.class, (k, out) -> k.run(x, weight, bias, EPS, out), 13, columns);
    }
  }

  @Test
  void definition() {
    Tensor x = Tensor.of(new float[] {1, 3, 5, 5}, 2, 2);
    Tensor weight = Tensor.of(new float[] {10, 20}, 2);
    Tensor bias = Tensor.of(new float[] {0.5f, 0.25f}, 2);
    float[] out =
        compute(
            CpuBackend.reference(1), LayerNorm.class, (k, o) -> k.run(x, weight, bias, 3, o), 2, 2);
    assertArrayEquals(new float[] {-4.5f, 10.25f, 0.5f, 0.25f}, out);
  }

  @Test
  void outputMayBeInput() {
    Tensor weight = normal(7, 207);
    Tensor bias = normal(8, 207);
    InPlace.same(
        LayerNorm.class, normal(9, 300, 207), (k, in, out) -> k.run(in, weight, bias, EPS, out));
  }
}
