package dev.orrery.kernels.attention;

import static dev.orrery.kernels.tornado.TornadoHarness.agree;
import static dev.orrery.kernels.tornado.TornadoHarness.findsBugs;

import dev.orrery.kernels.tensor.Tensor;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BiasedAttentionTornadoTest {
  @ParameterizedTest
  @CsvSource({
    "1, 1, 1, 1",
    "13, 13, 3, 8",
    "37, 37, 2, 64",
    "5, 70, 2, 33",
    "70, 130, 1, 16",
    "6, 3, 1, 256"
  })
  void agreesWithReference(int queries, int keys, int heads, int headDim) {
    agree(
        BiasedAttention.class,
        (attention, inputs) -> {
          Tensor out = inputs.output(queries, heads, headDim);
          attention.run(
              inputs.fp32(1, queries + 2, heads, headDim).slice(1, queries + 1),
              inputs.fp32(2, keys + 1, heads, headDim).slice(1, keys + 1),
              inputs.fp32(3, keys + 2, heads, headDim).slice(2, keys + 2),
              inputs.fp32(4, heads + 1, queries + keys - 1).slice(1, heads + 1),
              1 / Math.sqrt(headDim),
              out);
          return out;
        });
  }

  /** Several heads of queries for one of keys; without the keys ahead, or without those behind. */
  @ParameterizedTest
  @CsvSource({"9, 14, 2, 16, true", "70, 4, 4, 33, true", "130, 6, 3, 8, false"})
  void sharesKeysAndExcludesSome(int tokens, int heads, int keyHeads, int headDim, boolean ahead) {
    agree(
        BiasedAttention.class,
        (attention, inputs) -> {
          Tensor out = inputs.output(tokens, heads, headDim);
          attention.run(
              inputs.fp32(1, tokens, heads, headDim),
              inputs.fp32(2, tokens, keyHeads, headDim),
              inputs.fp32(3, tokens, keyHeads, headDim),
              inputs.moved(
                  ahead ? BiasedAttention.causal(heads, tokens) : onlyAhead(heads, tokens)),
              1 / Math.sqrt(headDim),
              out);
          return out;
        });
  }

  @Test
  void findsPlantedBugs() {
    findsBugs(
        BiasedAttention.class,
        7,
        Set.of(4, 5),
        (attention, inputs) -> {
          Tensor out = inputs.output(18, 2, 36);
          attention.run(
              inputs.fp32(1, 18, 2, 36),
              inputs.fp32(2, 70, 2, 36),
              inputs.fp32(3, 70, 2, 36),
              inputs.fp32(4, 2, 87),
              0.2,
              out);
          return out;
        });
  }

  /** A mask under which a query sees itself and what lies behind it alone. */
  private static Tensor onlyAhead(int heads, int tokens) {
    float[] bias = BiasedAttention.causal(heads, tokens).toFloats();
    for (int i = 0; i < bias.length / 2; i++) {
      float value = bias[i];
      bias[i] = bias[bias.length - 1 - i];
      bias[bias.length - 1 - i] = value;
    }
    return Tensor.of(bias, heads, 2 * tokens - 1);
  }
}
