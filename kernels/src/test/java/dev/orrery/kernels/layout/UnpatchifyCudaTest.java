package dev.orrery.kernels.layout;

import static dev.orrery.kernels.cuda.CudaHarness.agree;
import static dev.orrery.kernels.cuda.CudaHarness.same;

import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class UnpatchifyCudaTest {
  /** Frames, rows, columns, channels, patch, order. */
  @ParameterizedTest
  @CsvSource({
    "2, 6, 4, 16, 2, CHANNEL_FASTEST",
    "3, 3, 6, 5, 3, CHANNEL_SLOWEST",
    "2, 5, 9, 3, 4, CHANNEL_FASTEST",
    "2, 5, 9, 3, 4, CHANNEL_SLOWEST",
    "1, 1, 1, 1, 1, CHANNEL_FASTEST"
  })
  void agreesWithReference(
      int frames, int rows, int columns, int channels, int patch, PatchOrder order) {
    int tokens = frames * Math.ceilDiv(rows, patch) * Math.ceilDiv(columns, patch);
    for (DType from : new DType[] {DType.F32, DType.F16, DType.BF16}) {
      for (DType to : new DType[] {DType.F32, DType.F16, DType.BF16}) {
        agree(
            Unpatchify.class,
            to,
            (kernel, inputs) -> {
              Tensor out = inputs.output(frames, rows, columns, channels);
              kernel.run(
                  inputs.rounded(1, from, tokens, patch * patch * channels), patch, order, out);
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
        Unpatchify.class,
        dtype,
        (kernel, inputs) -> {
          Tensor out = inputs.output(3, 8, 10, 11);
          Tensor x = inputs.activation(1, 1 + 3 * 4 * 5, 44).slice(1, 1 + 3 * 4 * 5);
          kernel.run(x, 2, PatchOrder.CHANNEL_FASTEST, out);
          return out;
        });
  }
}
