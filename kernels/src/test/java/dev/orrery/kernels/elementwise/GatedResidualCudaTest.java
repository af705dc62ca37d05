package dev.orrery.kernels.elementwise;

import static dev.orrery.kernels.cuda.CudaHarness.agree;

import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class GatedResidualCudaTest {
  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"F32", "F16", "BF16"})
  void agreesWithReference(DType dtype) {
    check(dtype, 6, 3, 1536, 0);
    check(dtype, 9, 3, 21, 0);
    check(dtype, 10, 5, 40, 1);
    check(dtype, 8, 8, 3, 1);
    check(dtype, 1, 1, 1, 0);
  }

  private static void check(DType dtype, int tokens, int frames, int channels, int skip) {
    agree(
        GatedResidual.class,
        dtype,
        (kernel, inputs) -> {
          Tensor x = inputs.activation(1, tokens, channels);
          Tensor y = inputs.activation(2, tokens + skip, channels).slice(skip, tokens + skip);
          Tensor gate = inputs.fp32(3, frames + skip, channels).slice(skip, frames + skip);
          Tensor out = inputs.output(tokens, channels);
          kernel.run(x, y, gate, out);
          return out;
        });
  }

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"F32", "F16", "BF16"})
  void outputMayBeInput(DType dtype) {
    for (boolean first : new boolean[] {true, false}) {
      agree(
          GatedResidual.class,
          dtype,
          (kernel, inputs) -> {
            Tensor x = inputs.activation(4, 12, 207);
            Tensor y = inputs.activation(5, 12, 207);
            Tensor out = first ? x : y;
            kernel.run(x, y, inputs.fp32(6, 4, 207), out);
            return out;
          });
    }
  }
}
