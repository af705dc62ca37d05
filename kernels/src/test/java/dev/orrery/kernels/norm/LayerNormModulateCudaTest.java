package dev.orrery.kernels.norm;

import static dev.orrery.kernels.cuda.CudaHarness.agree;

import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LayerNormModulateCudaTest {
  private static final double EPS = 1e-6;

  /** Tokens, frames, channels: rows of a part of a warp, of a block, and beyond registers. */
  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"F32", "F16", "BF16"})
  void agreesWithReference(DType dtype) {
    int[][] sizes = {
      {1, 1, 1}, {9, 3, 13}, {70, 7, 64}, {6, 3, 257}, {6, 2, 1536}, {2, 1, 9216}, {2, 2, 17000}
    };
    for (int[] size : sizes) {
      agree(
          LayerNormModulate.class,
          dtype,
          (kernel, inputs) -> {
            Tensor out = inputs.output(size[0], size[2]);
            kernel.run(
                inputs.activation(1, size[0], size[2]),
                inputs.fp32(2, size[1], size[2]),
                inputs.fp32(3, size[1], size[2]),
                EPS,
                out);
            return out;
          });
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"F32", "F16", "BF16"})
  void outputMayBeInput(DType dtype) {
    for (int channels : new int[] {40, 207, 1000}) {
      agree(
          LayerNormModulate.class,
          dtype,
          (kernel, inputs) -> {
            Tensor x = inputs.activation(4, 7, channels).slice(1, 7);
            Tensor shift = inputs.fp32(5, 3, channels).slice(1, 3);
            Tensor scale = inputs.fp32(6, 3, channels).slice(1, 3);
            kernel.run(x, shift, scale, EPS, x);
            return x;
          });
    }
  }
}
