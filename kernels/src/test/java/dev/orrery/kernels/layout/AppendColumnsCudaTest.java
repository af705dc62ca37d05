package dev.orrery.kernels.layout;

import static dev.orrery.kernels.cuda.CudaHarness.same;

import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AppendColumnsCudaTest {
  /** Tokens, frames, channels, columns of a frame, tokens left out at the start. */
  @ParameterizedTest
  @CsvSource({
    "6, 3, 1536, 256, 0",
    "9, 3, 21, 5, 0",
    "10, 5, 40, 3, 1",
    "8, 2, 3, 2, 1",
    "5, 1, 16, 0, 0",
    "5, 1, 0, 16, 0",
    "1, 1, 1, 1, 0"
  })
  void movesValuesAsTheyAre(int tokens, int frames, int channels, int columns, int skip) {
    for (DType dtype : new DType[] {DType.F32, DType.F16, DType.BF16}) {
      same(
          AppendColumns.class,
          dtype,
          (kernel, inputs) -> {
            Tensor x = inputs.activation(1, tokens + skip, channels).slice(skip, tokens + skip);
            Tensor frame = inputs.activation(2, frames, columns);
            Tensor out = inputs.output(tokens, channels + columns);
            kernel.run(x, frame, out);
            return out;
          });
    }
  }
}
