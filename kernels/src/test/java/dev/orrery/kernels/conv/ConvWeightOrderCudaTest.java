package dev.orrery.kernels.conv;

import dev.orrery.kernels.cuda.CudaHarness;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConvWeightOrderCudaTest {
  @ParameterizedTest
  @CsvSource({
    // dtype, Co, Ci, Kt, K
    "F32, 13, 7, 3, 3",
    "F16, 96, 5, 1, 3",
    "BF16, 5, 16, 3, 1",
    "BF16, 1, 1, 1, 1"
  })
  void movesEveryElement(DType dtype, int outChannels, int inChannels, int frames, int size) {
    CudaHarness.same(
        ConvWeightOrder.class,
        dtype,
        (kernel, inputs) -> {
          Tensor out = inputs.output(frames, size, size, inChannels, outChannels);
          kernel.run(inputs.activation(1, outChannels, inChannels, frames, size, size), out);
          return out;
        });
  }
}
