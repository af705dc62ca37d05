package dev.orrery.kernels.linear;

import static dev.orrery.kernels.tornado.TornadoHarness.agree;

import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MatmulResidualTornadoTest {
  @ParameterizedTest
  @CsvSource({
    "1, 1, 1, F32, 1, true",
    "34, 17, 20, BF16, 2, false",
    "18, 40, 33, F16, 3, true",
    "20, 16, 16, F32, 0, true"
  })
  void agreesWithReference(
      int rows, int columns, int depth, DType dtype, int frames, boolean biased) {
    agree(
        MatmulResidual.class,
        (matmul, inputs) -> {
          Tensor residual = inputs.fp32(4, rows + 2, columns).slice(1, rows + 1);
          matmul.run(
              inputs.fp32(1, rows, depth),
              inputs.exactly(2, dtype, columns, depth),
              biased ? inputs.fp32(3, columns) : null,
              frames == 0 ? null : inputs.fp32(5, frames, columns),
              residual);
          return residual;
        });
  }
}
