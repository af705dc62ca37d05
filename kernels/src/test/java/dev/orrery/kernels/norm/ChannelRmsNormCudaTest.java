package dev.orrery.kernels.norm;

import dev.orrery.kernels.cuda.CudaHarness;
import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ChannelRmsNormCudaTest {
  /** Chunks of eight channels, and one by one where channels or addresses do not allow it. */
  @ParameterizedTest
  @CsvSource({
    // dtype, P, C, first element of x, activation
    "F16, 33, 96, 0, SILU",
    "BF16, 5, 192, 0, NONE",
    "F32, 17, 384, 0, SILU",
    "BF16, 9, 48, 0, SIGMOID",
    "F16, 7, 13, 0, GELU_ERF",
    "F32, 1, 1, 0, SILU",
    "BF16, 16, 207, 0, GELU_TANH",
    "F16, 19, 96, 1, SILU",
    "F32, 19, 8, 1, SILU"
  })
  void agreesWithTheReference(
      DType dtype, int pixels, int channels, int first, Activation activation) {
    CudaHarness.agree(
        ChannelRmsNorm.class,
        dtype,
        (kernel, inputs) -> {
          int end = first + pixels * channels;
          Tensor x = inputs.activation(1, end).slice(first, end).reshape(pixels, channels);
          Tensor out = inputs.output(pixels, channels);
          kernel.run(x, inputs.fp32(2, channels), activation, out);
          return out;
        });
  }

  @ParameterizedTest
  @CsvSource({"F16, 96", "BF16, 13", "F32, 24"})
  void outputMayBeInput(DType dtype, int channels) {
    CudaHarness.agree(
        ChannelRmsNorm.class,
        dtype,
        (kernel, inputs) -> {
          Tensor x = inputs.activation(3, 21, channels);
          kernel.run(x, inputs.fp32(4, channels), Activation.SILU, x);
          return x;
        });
  }

  /** Lengths around the bound: below it values are divided by 1e-12, above it by their length. */
  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"F32", "BF16"})
  void boundsTheLengthFromBelow(DType dtype) {
    for (float size : new float[] {0, 1e-15f, 1e-11f}) {
      float[] values = new float[48];
      for (int c = 0; c < 48; c++) {
        values[c] = size * (c + 1);
      }
      CudaHarness.agree(
          ChannelRmsNorm.class,
          dtype,
          (kernel, inputs) -> {
            Tensor out = inputs.output(1, 48);
            kernel.run(inputs.values(values, 1, 48), inputs.fp32(5, 48), Activation.NONE, out);
            return out;
          });
    }
  }
}
