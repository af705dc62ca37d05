package dev.orrery.kernels.linear;

import dev.orrery.kernels.KernelCase;
import dev.orrery.kernels.cuda.CudaHarness;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class MatmulResidualCudaTest {
  /**
   * Frames that end inside a tile and inside the rows of a warp; every tile of {@link
   * MatmulHopperTileTest} in both types of 16 bits, with one round and several.
   */
  @ParameterizedTest
  @CsvSource({
    "BF16, 1, 8, 1, 1",
    "BF16, 15, 488, 72, 3",
    "BF16, 207, 136, 33, 9",
    "BF16, 132, 264, 200, 3",
    "F16, 14, 16, 130, 2",
    "BF16, 129, 72, 257, 3",
    "BF16, 520, 72, 510, 5",
    "BF16, 260, 712, 250, 4",
    "BF16, 600, 712, 120, 4",
    "F16, 135, 520, 129, 5",
    "F16, 130, 72, 390, 2",
    "F16, 130, 72, 576, 10",
    "BF16, 40, 72, 64, 40",
    "F16, 96, 72, 72, 3",
    "F32, 2, 300, 17, 2",
    "F32, 39, 137, 29, 3",
    "BF16, 21, 99, 8, 7"
  })
  void agreesWithTheReference(DType dtype, int rows, int depth, int columns, int frames) {
    CudaHarness.agree(MatmulResidual.class, dtype, product(rows, depth, columns, frames, true));
  }

  @ParameterizedTest
  @EnumSource(names = {"F32", "F16", "BF16"})
  void biasAndGateMayBeMissing(DType dtype) {
    CudaHarness.agree(MatmulResidual.class, dtype, product(12, 40, 24, 4, false));
    CudaHarness.agree(MatmulResidual.class, dtype, product(12, 40, 24, 0, true));
    CudaHarness.agree(MatmulResidual.class, dtype, product(12, 40, 23, 0, false));
    CudaHarness.agree(MatmulResidual.class, dtype, product(12, 39, 24, 0, false));
  }

  @ParameterizedTest
  @EnumSource(names = {"F32", "BF16"})
  void gateAndResidualMayBeginAnywhere(DType dtype) {
    CudaHarness.agree(
        MatmulResidual.class,
        dtype,
        (matmul, inputs) -> {
          Tensor residual = inputs.activation(5, 3 + 6 * 16).slice(3, 3 + 6 * 16).reshape(6, 16);
          Tensor gate = inputs.fp32(4, 1 + 2 * 16).slice(1, 1 + 2 * 16).reshape(2, 16);
          Tensor weight = inputs.activation(2, 16, 32);
          matmul.run(inputs.activation(1, 6, 32), weight, null, gate, residual);
          return residual;
        });
  }

  private static KernelCase<MatmulResidual> product(
      int rows, int depth, int columns, int frames, boolean withBias) {
    return (matmul, inputs) -> {
      Tensor x = inputs.activation(1, rows, depth);
      Tensor weight = inputs.activation(2, columns, depth);
      Tensor bias = withBias ? inputs.fp32(3, columns) : null;
      Tensor gate = frames == 0 ? null : inputs.fp32(4, frames, columns);
      Tensor residual = inputs.activation(5, rows, columns);
      matmul.run(x, weight, bias, gate, residual);
      return residual;
    };
  }
}
