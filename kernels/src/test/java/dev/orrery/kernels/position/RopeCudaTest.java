package dev.orrery.kernels.position;

import static dev.orrery.kernels.cuda.CudaHarness.agree;

import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class RopeCudaTest {
  /** Tokens, heads, head dim, pairs and rows of the table, tokens left out at the start. */
  @ParameterizedTest
  @CsvSource({
    "6, 12, 128, 64, 6, 0",
    "6, 3, 64, 32, 2, 0",
    "8, 2, 50, 21, 4, 1",
    "4, 3, 13, 6, 2, 1",
    "5, 2, 48, 16, 5, 0",
    "4, 5, 64, 4, 1, 0",
    "1, 1, 1, 0, 1, 0"
  })
  void agreesWithReference(int tokens, int heads, int headDim, int pairs, int tableRows, int skip) {
    for (DType dtype : new DType[] {DType.F32, DType.F16, DType.BF16}) {
      for (Rope.Pairs layout : Rope.Pairs.values()) {
        agree(
            Rope.class,
            dtype,
            (kernel, inputs) -> {
              Tensor x =
                  inputs.activation(1, tokens + skip, heads, headDim).slice(skip, tokens + skip);
              Tensor table =
                  inputs.fp32(2, tableRows + skip, pairs, 2).slice(skip, tableRows + skip);
              Tensor out = inputs.output(tokens, heads, headDim);
              kernel.run(x, table, layout, out);
              return out;
            });
      }
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"F32", "F16", "BF16"})
  void outputMayBeInput(DType dtype) {
    for (int headDim : new int[] {64, 13}) {
      for (Rope.Pairs layout : Rope.Pairs.values()) {
        agree(
            Rope.class,
            dtype,
            (kernel, inputs) -> {
              Tensor x = inputs.activation(3, 7, 6, headDim);
              kernel.run(x, inputs.fp32(4, 7, headDim / 2, 2), layout, x);
              return x;
            });
      }
    }
  }
}
