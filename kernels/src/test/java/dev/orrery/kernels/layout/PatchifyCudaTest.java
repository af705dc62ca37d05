package dev.orrery.kernels.layout;

import static dev.orrery.kernels.cuda.CudaHarness.agree;
import static dev.orrery.kernels.cuda.CudaHarness.same;

import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class PatchifyCudaTest {
  /** Frames, rows, columns, channels, patch, offset, columns of out, order. */
  @ParameterizedTest
  @CsvSource({
    "2, 6, 4, 36, 2, 0, 144, CHANNEL_SLOWEST",
    "3, 3, 6, 5, 3, 7, 60, CHANNEL_FASTEST",
    "2, 5, 9, 3, 4, 1, 50, CHANNEL_SLOWEST",
    "2, 5, 9, 3, 4, 1, 50, CHANNEL_FASTEST",
    "1, 1, 1, 1, 1, 0, 1, CHANNEL_SLOWEST"
  })
  void agreesWithReference(
      int frames,
      int rows,
      int columns,
      int channels,
      int patch,
      int offset,
      int width,
      PatchOrder order) {
    int tokens = frames * Math.ceilDiv(rows, patch) * Math.ceilDiv(columns, patch);
    for (DType from : new DType[] {DType.F32, DType.F16, DType.BF16}) {
      for (DType to : new DType[] {DType.F32, DType.F16, DType.BF16}) {
        agree(
            Patchify.class,
            to,
            (kernel, inputs) -> {
              Tensor out = inputs.activation(2, tokens, width);
              kernel.run(
                  inputs.rounded(1, from, frames, rows, columns, channels),
                  patch,
                  order,
                  offset,
                  out);
              return out;
            });
      }
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"F32", "F16", "BF16"})
  void movesValuesAsTheyAre(DType dtype) {
    same(
        Patchify.class,
        dtype,
        (kernel, inputs) -> {
          Tensor out = inputs.activation(2, 3 * 4 * 5, 50);
          Tensor x = inputs.activation(1, 4, 8, 10, 11).slice(1, 4);
          kernel.run(x, 2, PatchOrder.CHANNEL_SLOWEST, 3, out);
          return out;
        });
  }
}
