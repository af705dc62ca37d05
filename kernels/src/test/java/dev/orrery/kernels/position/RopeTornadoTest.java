package dev.orrery.kernels.position;

import static dev.orrery.kernels.tornado.TornadoHarness.agree;
import static dev.orrery.kernels.tornado.TornadoHarness.findsDroppedOffsets;

import dev.orrery.kernels.tensor.Tensor;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RopeTornadoTest {
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
    for (Rope.Pairs layout : Rope.Pairs.values()) {
      agree(
          Rope.class,
          (rope, inputs) -> {
            Tensor x = inputs.fp32(1, tokens + skip, heads, headDim).slice(skip, tokens + skip);
            Tensor table = inputs.fp32(2, tableRows + skip, pairs, 2).slice(skip, tableRows + skip);
            Tensor out = inputs.output(tokens, heads, headDim);
            rope.run(x, table, layout, out);
            return out;
          });
    }
  }

  @ParameterizedTest
  @CsvSource({"64", "13"})
  void outputMayBeInput(int headDim) {
    for (Rope.Pairs layout : Rope.Pairs.values()) {
      agree(
          Rope.class,
          (rope, inputs) -> {
            Tensor x = inputs.fp32(3, 7, 6, headDim);
            rope.run(x, inputs.fp32(4, 7, headDim / 2, 2), layout, x);
            return x;
          });
    }
  }

  @Test
  void findsDroppedOffset() {
    findsDroppedOffsets(
        Rope.class,
        3,
        Set.of(),
        (rope, inputs) -> {
          Tensor out = inputs.output(4, 3, 13);
          rope.run(inputs.fp32(1, 4, 3, 13), inputs.fp32(2, 2, 5, 2), out);
          return out;
        });
  }
}
