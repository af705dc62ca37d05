package dev.orrery.kernels.elementwise;

import dev.orrery.kernels.cuda.CudaHarness;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SoftClampCudaTest {
  @ParameterizedTest
  @CsvSource({
    // dtype, limit, first element of x, of out
    "F32, 3, 0, 0",
    "F16, 3, 0, 0",
    "BF16, 0.7, 0, 0",
    "F16, 0.25, 1, 0",
    "F32, 100, 0, 1"
  })
  void agreesWithTheReference(DType dtype, double limit, int first, int firstOut) {
    int count = 3001;
    CudaHarness.agree(
        SoftClamp.class,
        dtype,
        (kernel, inputs) -> {
          Tensor x = inputs.activation(1, first + count).slice(first, first + count);
          Tensor out = inputs.output(firstOut + count).slice(firstOut, firstOut + count);
          kernel.run(x, limit, out);
          return out;
        });
  }

  @ParameterizedTest
  @CsvSource({"F32", "BF16"})
  void outputMayBeInput(DType dtype) {
    CudaHarness.agree(
        SoftClamp.class,
        dtype,
        (kernel, inputs) -> {
          Tensor x = inputs.activation(2, 1001);
          kernel.run(x, 3, x);
          return x;
        });
  }
}
