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

class GatedResidualTest {
  @ParameterizedTest
  @CsvSource({"1,1,1", "3,1,13", "13,13,16", "207,3,207", "60,3,1536"})
  void agreesWithReference(int tokens, int frames, int columns) {
    Tensor x = normal(1, tokens, columns);
    Tensor y = normal(2, tokens, columns);
    Tensor gate = normal(3, frames, columns);
    agree(GatedResidual.class, (k, out) -> k.run(x, y, gate, out), tokens, columns);
  }

  @Test
  void definition() {
    Tensor x = Tensor.of(new float[] {1, 2, 3, 4}, 4, 1);
    Tensor y = Tensor.of(new float[] {10, 20, 30, 40}, 4, 1);
    Tensor gate = Tensor.of(new float[] {1, -1}, 2, 1);
    float[] out =
        compute(CpuBackend.reference(1), GatedResidual.class, (k, o) -> k.run(x, y, gate, o), 4, 1);
    assertArrayEquals(new float[] {11, 22, -27, -36}, out);
  }

  @Test
  void outputMayBeEitherInput() {
    Tensor gate = normal(4, 3, 207);
    Tensor other = normal(5, 300, 207);
    Tensor replaced = normal(6, 300, 207);
    InPlace.same(GatedResidual.class, replaced, (k, in, out) -> k.run(in, other, gate, out));
    InPlace.same(GatedResidual.class, replaced, (k, in, out) -> k.run(other, in, gate, out));
  }
}
