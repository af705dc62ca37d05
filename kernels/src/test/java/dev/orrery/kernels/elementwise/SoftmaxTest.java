package dev.orrery.kernels.elementwise;

import static dev.orrery.kernels.KernelHarness.agree;
import static dev.orrery.kernels.KernelHarness.compute;
import static dev.orrery.kernels.KernelHarness.normal;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.InPlace;
import dev.orrery.kernels.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SoftmaxTest {
  @ParameterizedTest
  @CsvSource({"1,1,1", "1,13,1", "207,207,1", "13,16,10", "50,3520,5", "3,257,100"})
  void agreesWithReference(int rows, int columns, float scale) {
    float[] values = normal(1, (long) rows * columns).toFloats();
    for (int i = 0; i < values.length; i++) {
      values[i] *= scale;
    }
    Tensor x = Tensor.of(values, rows, columns);
    agree(Softmax.class, (k, out) -> k.run(x, out), rows, columns);
  }

  /**
   * exp would overflow without the largest value taken off, and the padding of a row must not win.
   */
  @ParameterizedTest
  @CsvSource({"1000", "-1000"})
  void agreesWithReferenceFarFromZero(float offset) {
    float[] values = normal(2, 13 * 21).toFloats();
    for (int i = 0; i < values.length; i++) {
      values[i] += offset;
    }
    Tensor x = Tensor.of(values, 13, 21);
    agree(Softmax.class, (k, out) -> k.run(x, out), 13, 21);
  }

  @Test
  void definition() {
    float ln3 = (float) Math.log(3);
    Tensor x = Tensor.of(new float[] {0, ln3, 5, 5}, 2, 2);
    float[] out = compute(CpuBackend.reference(1), Softmax.class, (k, o) -> k.run(x, o), 2, 2);
    assertArrayEquals(new float[] {0.25f, 0.75f, 0.5f, 0.5f}, out, 1e-7f);
  }

  /** Rows of whole vectors are computed while the next one is read. */
  @ParameterizedTest
  @ValueSource(ints = {207, 208})
  void outputMayBeInput(int columns) {
    InPlace.same(Softmax.class, normal(3, 300, columns), (k, in, out) -> k.run(in, out));
  }
}
