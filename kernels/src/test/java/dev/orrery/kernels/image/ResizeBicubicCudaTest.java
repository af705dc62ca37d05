package dev.orrery.kernels.image;

import static dev.orrery.kernels.cuda.CudaHarness.agree;

import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ResizeBicubicCudaTest {
  /** Double precision on both sides: hardly a value may round to the other neighbour. */
  private static final double LIMIT = 1e-8;

  @ParameterizedTest
  @CsvSource({
    "16, 16, 3, 35, 40",
    "41, 29, 2, 17, 23",
    "9, 7, 3, 9, 7",
    "31, 37, 1, 1, 1",
    "1, 1, 2, 5, 3"
  })
  void agreesWithReference(int rows, int columns, int channels, int outRows, int outColumns) {
    agree(
        ResizeBicubic.class,
        DType.F32,
        LIMIT,
        (kernel, inputs) -> {
          Tensor out = inputs.output(outRows, outColumns, channels);
          kernel.run(inputs.fp32(1, rows, columns, channels), out);
          return out;
        });
  }
}
