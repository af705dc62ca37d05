package dev.orrery.kernels.norm;

import static dev.orrery.kernels.KernelHarness.agree;
import static dev.orrery.kernels.KernelHarness.compute;
import static dev.orrery.kernels.KernelHarness.normal;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.InPlace;
import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ChannelRmsNormTest {
  @ParameterizedTest
  @EnumSource(Activation.class)
  void agreesWithReference(Activation activation) {
    for (int channels : new int[] {1, 4, 13, 96, 207, 384}) {
      Tensor x = normal(1, 413, channels);
      Tensor gamma = normal(2, DType.BF16, channels);
      agree(ChannelRmsNorm.class, (k, out) -> k.run(x, gamma, activation, out), 413, channels);
    }
  }

  @Test
  void definition() {
    Tensor x = Tensor.of(new float[] {3, 0, 0, 4, 0, 0, 0, 0}, 2, 4);
    Tensor gamma = Tensor.of(new float[] {1, 1, 1, 10}, 4);
    float[] out =
        compute(
            CpuBackend.reference(1),
            ChannelRmsNorm.class,
            (k, o) -> k.run(x, gamma, Activation.NONE, o),
            2,
            4);
    assertArrayEquals(new float[] {1.2f, 0, 0, 16, 0, 0, 0, 0}, out);
  }

  /** Lengths around the bound: below it values are divided by 1e-12, above it by their length. */
  @Test
  void boundsTheLengthFromBelow() {
    float[] values = new float[3 * 48];
    for (int c = 0; c < 48; c++) {
      values[48 + c] = 1e-15f * (c + 1);
      values[96 + c] = 1e-11f * (c + 1);
    }
    Tensor x = Tensor.of(values, 3, 48);
    Tensor gamma = normal(3, 48);
    for (int pixel = 0; pixel < 3; pixel++) {
      Tensor one = x.slice(pixel, pixel + 1);
      agree(ChannelRmsNorm.class, (k, out) -> k.run(one, gamma, Activation.NONE, out), 1, 48);
    }
  }

  /** Of 96 channels the next pixels are read while an activation is stored. */
  @ParameterizedTest
  @ValueSource(ints = {96, 207})
  void outputMayBeInput(int channels) {
    Tensor gamma = normal(4, channels);
    InPlace.same(
        ChannelRmsNorm.class,
        normal(5, 300, channels),
        (k, in, out) -> k.run(in, gamma, Activation.SILU, out));
  }
}
