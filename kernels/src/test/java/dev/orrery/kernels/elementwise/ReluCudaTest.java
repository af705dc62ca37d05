package dev.orrery.kernels.elementwise;

import dev.orrery.kernels.cuda.CudaHarness;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ReluCudaTest {
  /** Nothing is rounded, so the reference's bits are those of the kernel. */
  @ParameterizedTest
  @CsvSource({"F32, 0, 0", "F16, 0, 0", "BF16, 0, 0", "F16, 1, 0", "BF16, 0, 3"})
  void isTheReference(DType dtype, int first, int firstOut) {
    int count = 5003;
    CudaHarness.same(
        Relu.class,
        dtype,
        (kernel, inputs) -> {
          Tensor x = inputs.activation(1, first + count).slice(first, first + count);
          Tensor out = inputs.output(firstOut + count).slice(firstOut, firstOut + count);
          kernel.run(x, out);
          return out;
        });
  }

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"F32", "F16", "BF16"})
  void treatsEdgesLikeTheReference(DType dtype) {
    float[] edges = {
      0, -0.0f, Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, 1e-7f, -1e-7f, 1, -1
    };
    CudaHarness.same(
        Relu.class,
        dtype,
        (kernel, inputs) -> {
          Tensor x = inputs.values(edges, edges.length);
          kernel.run(x, x);
          return x;
        });
  }
}
