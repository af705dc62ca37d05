package dev.orrery.kernels.image;

import static dev.orrery.kernels.cuda.CudaHarness.same;

import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ResizeAntialiasedCudaTest {
  /** Larger, smaller, one axis only, neither, and to and from a single pixel. */
  @ParameterizedTest
  @CsvSource({
    "48, 64, 3, 35, 40, BILINEAR",
    "17, 23, 3, 41, 29, BILINEAR",
    "90, 120, 1, 11, 13, BILINEAR",
    "20, 30, 4, 20, 17, BILINEAR",
    "20, 30, 3, 33, 30, BILINEAR",
    "9, 7, 3, 9, 7, BILINEAR",
    "31, 37, 3, 1, 1, BILINEAR",
    "1, 1, 2, 5, 3, BILINEAR",
    "48, 64, 3, 35, 40, BICUBIC",
    "17, 23, 3, 41, 29, BICUBIC",
    "70, 100, 1, 11, 13, BICUBIC",
    "20, 30, 4, 20, 17, BICUBIC",
    "20, 30, 3, 33, 30, BICUBIC",
    "9, 7, 3, 9, 7, BICUBIC",
    "31, 37, 3, 1, 1, BICUBIC",
    "1, 1, 2, 5, 3, BICUBIC",
    "48, 64, 3, 35, 40, LANCZOS",
    "17, 23, 3, 41, 29, LANCZOS",
    "70, 100, 1, 11, 13, LANCZOS",
    "20, 30, 4, 20, 17, LANCZOS",
    "20, 30, 3, 33, 30, LANCZOS",
    "9, 7, 3, 9, 7, LANCZOS",
    "31, 37, 3, 1, 1, LANCZOS",
    "1, 1, 2, 5, 3, LANCZOS"
  })
  void isTheReferenceToTheBit(
      int rows, int columns, int channels, int outRows, int outColumns, ResizeFilter filter) {
    same(
        ResizeAntialiased.class,
        DType.F32,
        (kernel, inputs) -> {
          Tensor out = inputs.outputOf(DType.U8, outRows, outColumns, channels);
          kernel.run(inputs.bytes(1, rows, columns, channels), filter, out);
          return out;
        });
  }
}
