package dev.orrery.kernels.layout;

import dev.orrery.kernels.cuda.CudaHarness;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TimeUnshuffleCudaTest {
  /** Units of 16, 4 and 2 bytes, by the channels and by where x begins. */
  @ParameterizedTest
  @CsvSource({
    // dtype, T, P, C, first element of x
    "BF16, 3, 35, 16, 0",
    "F16, 3, 35, 16, 2",
    "F16, 3, 35, 16, 1",
    "F16, 2, 13, 3, 0",
    "BF16, 1, 1, 6, 0",
    "F32, 3, 35, 4, 0",
    "F32, 2, 13, 3, 0"
  })
  void movesEveryHalf(DType dtype, int frames, int pixels, int channels, int first) {
    CudaHarness.same(
        TimeUnshuffle.class,
        dtype,
        (kernel, inputs) -> {
          int count = frames * pixels * 2 * channels;
          Tensor x = inputs.activation(1, first + count).slice(first, first + count);
          Tensor out = inputs.output(2L * frames, pixels, channels);
          kernel.run(x.reshape(frames, pixels, 2L * channels), out);
          return out;
        });
  }
}
