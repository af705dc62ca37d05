package dev.orrery.kernels.norm;

import static dev.orrery.kernels.cuda.CudaHarness.agree;

import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RmsNormCudaTest {
  private static final double EPS = 1e-6;

  /** Rows of a part of a warp, of a block, and longer than the registers of a block hold. */
  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"F32", "F16", "BF16"})
  void agreesWithReference(DType dtype) {
    int[][] sizes = {
      {1, 1}, {9, 13}, {70, 64}, {5, 256}, {3, 257}, {3, 1536}, {2, 9216}, {2, 17000}
    };
    for (int[] size : sizes) {
      for (boolean weighted : new boolean[] {true, false}) {
        agree(
            RmsNorm.class,
            dtype,
            (kernel, inputs) -> {
              Tensor out = inputs.output(size[0], size[1]);
              Tensor weight = weighted ? inputs.fp32(2, size[1]) : null;
              kernel.run(inputs.activation(1, size[0], size[1]), weight, EPS, out);
              return out;
            });
      }
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"F32", "F16", "BF16"})
  void outputMayBeInput(DType dtype) {
    for (int columns : new int[] {40, 207, 1000}) {
      agree(
          RmsNorm.class,
          dtype,
          (kernel, inputs) -> {
            Tensor x = inputs.activation(3, 12, columns).slice(1, 12);
            kernel.run(x, inputs.fp32(4, columns + 1).slice(1, columns + 1), EPS, x);
            return x;
          });
    }
  }
}
