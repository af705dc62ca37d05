package dev.orrery.kernels.image;

import static dev.orrery.kernels.cuda.CudaHarness.same;

import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ResizeBilinearCudaTest {
  /** Larger, smaller, one axis only, neither, and to and from a single pixel. */
  @ParameterizedTest
  @CsvSource({
    "48, 64, 3, 35, 40",
    "17, 23, 3, 41, 29",
    "90, 120, 1, 11, 13",
    "20, 30, 4, 20, 17",
    "20, 30, 3, 33, 30",
    "9, 7, 3, 9, 7",
    "31, 37, 3, 1, 1",
    "1, 1, 2, 5, 3"
  })
  void isTheReferenceToTheBit(int rows, int columns, int channels, int outRows, int outColumns) {
    same(
        ResizeBilinear.class,
        DType.F32,
        (kernel, inputs) -> {
          Tensor out = inputs.outputOf(DType.U8, outRows, outColumns, channels);
          kernel.run(inputs.bytes(1, rows, columns, channels), out);
          return out;
        });
  }
}
