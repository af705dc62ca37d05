package dev.orrery.kernels.layout;

import dev.orrery.kernels.cuda.CudaHarness;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NearestUpsampleCudaTest {
  /** Units of 16, 4 and 2 bytes, by the channels and by where x begins. */
  @ParameterizedTest
  @CsvSource({
    // dtype, T, Y, X, C, first element of x
    "BF16, 2, 5, 7, 16, 0",
    "F16, 2, 5, 7, 16, 2",
    "F16, 2, 5, 7, 16, 1",
    "F16, 1, 3, 5, 3, 0",
    "BF16, 3, 1, 1, 6, 0",
    "F32, 2, 5, 7, 4, 0",
    "F32, 2, 5, 7, 3, 0",
    "F32, 1, 4, 3, 8, 1"
  })
  void repeatsEveryPixel(DType dtype, int frames, int rows, int columns, int channels, int first) {
    CudaHarness.same(
        NearestUpsample.class,
        dtype,
        (kernel, inputs) -> {
          int count = frames * rows * columns * channels;
          Tensor x = inputs.activation(1, first + count).slice(first, first + count);
          Tensor out = inputs.output(frames, 2L * rows, 2L * columns, channels);
          kernel.run(x.reshape(frames, rows, columns, channels), out);
          return out;
        });
  }
}
