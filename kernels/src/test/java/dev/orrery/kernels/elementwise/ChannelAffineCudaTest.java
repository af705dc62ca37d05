package dev.orrery.kernels.elementwise;

import dev.orrery.kernels.KernelHarness;
import dev.orrery.kernels.cuda.CudaHarness;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ChannelAffineCudaTest {
  @ParameterizedTest
  @CsvSource({
    "F32, F32",
    "F32, F16",
    "F32, BF16",
    "F16, F32",
    "F16, F16",
    "F16, BF16",
    "BF16, F32",
    "BF16, F16",
    "BF16, BF16"
  })
  void convertsFromAnyDtypeToAnyOther(DType from, DType to) {
    double limit =
        switch (to) {
          case F32 -> KernelHarness.FP32_LIMIT;
          case F16 -> CudaHarness.FP16_LIMIT;
          default -> CudaHarness.BF16_LIMIT;
        };
    CudaHarness.agree(
        ChannelAffine.class,
        to,
        limit,
        (kernel, inputs) -> {
          Tensor out = inputs.output(301, 16);
          Tensor x = inputs.rounded(1, from, 301, 16);
          kernel.run(x, inputs.fp32(2, 16), inputs.fp32(3, 16), out);
          return out;
        });
  }

  /** Rows that end within eight elements, tensors that begin anywhere, and a single channel. */
  @ParameterizedTest
  @CsvSource({"3, 0, 0", "13, 0, 0", "1, 0, 0", "16, 1, 0", "16, 0, 3", "5, 3, 1"})
  void takesAnyChannelsAndAnyFirstElement(int channels, int first, int firstOut) {
    CudaHarness.agree(
        ChannelAffine.class,
        DType.F16,
        (kernel, inputs) -> {
          int count = 171 * channels;
          Tensor x = inputs.activation(1, first + count).slice(first, first + count);
          Tensor out = inputs.output(firstOut + count).slice(firstOut, firstOut + count);
          kernel.run(
              x.reshape(171, channels),
              inputs.fp32(2, channels),
              inputs.fp32(3, channels),
              out.reshape(171, channels));
          return out;
        });
  }

  @ParameterizedTest
  @CsvSource({"F32, 16", "BF16, 5"})
  void outputMayBeInput(DType dtype, int channels) {
    CudaHarness.agree(
        ChannelAffine.class,
        dtype,
        (kernel, inputs) -> {
          Tensor x = inputs.activation(4, 101, channels);
          kernel.run(x, inputs.fp32(5, channels), inputs.fp32(6, channels), x);
          return x;
        });
  }
}
