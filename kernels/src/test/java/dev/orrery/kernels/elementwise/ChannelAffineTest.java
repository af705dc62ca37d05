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

class ChannelAffineTest {
  @ParameterizedTest
  @CsvSource({"1,1", "13,3", "10560,16", "207,207", "5,9000"})
  void agreesWithReference(int rows, int columns) {
    Tensor x = normal(1, rows, columns);
    Tensor scale = normal(2, columns);
    Tensor offset = normal(3, columns);
    agree(ChannelAffine.class, (k, out) -> k.run(x, scale, offset, out), rows, columns);
  }

  @Test
  void definition() {
    Tensor x = Tensor.of(new float[] {1, 2, 3, 4}, 2, 2);
    Tensor scale = Tensor.of(new float[] {2, 3}, 2);
    Tensor offset = Tensor.of(new float[] {10, 20}, 2);
    float[] out =
        compute(
            CpuBackend.reference(1),
            ChannelAffine.class,
            (k, o) -> k.run(x, scale, offset, o),
            2,
            2);
    assertArrayEquals(new float[] {12, 26, 16, 32}, out);
  }

  @Test
  void outputMayBeInput() {
    Tensor scale = normal(4, 13);
    Tensor offset = normal(5, 13);
    InPlace.same(
        ChannelAffine.class, normal(6, 5000, 13), (k, in, out) -> k.run(in, scale, offset, out));
  }
}
