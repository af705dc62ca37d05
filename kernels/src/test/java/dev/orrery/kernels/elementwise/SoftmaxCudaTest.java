package dev.orrery.kernels.elementwise;

import static dev.orrery.kernels.cuda.CudaHarness.agree;

import dev.orrery.kernels.KernelHarness;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class SoftmaxCudaTest {
  /** Rows of a part of a warp, of a block, and longer than the registers of a block hold. */
  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"F32", "F16", "BF16"})
  void agreesWithReference(DType dtype) {
    int[][] sizes = {{1, 1}, {9, 13}, {207, 207}, {5, 256}, {3, 257}, {10, 3520}, {2, 17000}};
    for (int[] size : sizes) {
      agree(
          Softmax.class,
          dtype,
          (kernel, inputs) -> {
            Tensor out = inputs.output(size[0], size[1]);
            kernel.run(inputs.activation(1, size[0], size[1]), out);
            return out;
          });
    }
  }

  /** exp would overflow without the largest value taken off. */
  @ParameterizedTest
  @CsvSource({"1000", "-1000"})
  void agreesWithReferenceFarFromZero(float offset) {
    float[] values = KernelHarness.normal(2, 13 * 21).toFloats();
    for (int i = 0; i < values.length; i++) {
      values[i] += offset;
    }
    agree(
        Softmax.class,
        DType.F32,
        (kernel, inputs) -> {
          Tensor out = inputs.output(13, 21);
          kernel.run(inputs.moved(Tensor.of(values, 13, 21)), out);
          return out;
        });
  }

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"F32", "F16", "BF16"})
  void outputMayBeInput(DType dtype) {
    for (int columns : new int[] {207, 1000, 17000}) {
      agree(
          Softmax.class,
          dtype,
          (kernel, inputs) -> {
            Tensor x = inputs.activation(3, 4, columns).slice(1, 4);
            kernel.run(x, x);
            return x;
          });
    }
  }
}
