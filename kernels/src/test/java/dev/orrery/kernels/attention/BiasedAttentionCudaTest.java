package dev.orrery.kernels.attention;

import static dev.orrery.kernels.KernelHarness.refused;

import dev.orrery.kernels.CudaBackend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.cuda.CudaHarness;
import dev.orrery.kernels.cuda.CudaTestDevice;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class BiasedAttentionCudaTest {
  private static final DType[] DTYPES = {DType.F32, DType.F16, DType.BF16};

  /** A part of a block and several blocks; head dims below, at and above the lanes of a warp. */
  @ParameterizedTest
  @CsvSource({"1, 1, 1, 1", "13, 13, 3, 8", "37, 37, 2, 64", "5, 70, 2, 33", "6, 3, 1, 256"})
  void agreesWithTheReference(int queries, int keys, int heads, int headDim) {
    for (DType dtype : DTYPES) {
      CudaHarness.agree(
          BiasedAttention.class,
          dtype,
          (attention, inputs) -> {
            Tensor out = inputs.output(queries, heads, headDim);
            attention.run(
                inputs.activation(1, queries, heads, headDim),
                inputs.activation(2, keys, heads, headDim),
                inputs.activation(3, keys, heads, headDim),
                inputs.fp32(4, heads, queries + keys - 1),
                1 / Math.sqrt(headDim),
                out);
            return out;
          });
    }
  }

  /** Several heads of queries for one of keys; without the keys ahead, or without those behind. */
  @ParameterizedTest
  @CsvSource({"9, 14, 2, 16, true", "37, 4, 4, 33, true", "5, 6, 3, 128, false"})
  void sharesKeysAndExcludesSome(int tokens, int heads, int keyHeads, int headDim, boolean ahead) {
    for (DType dtype : DTYPES) {
      CudaHarness.agree(
          BiasedAttention.class,
          dtype,
          (attention, inputs) -> {
            Tensor out = inputs.output(tokens, heads, headDim);
            attention.run(
                inputs.activation(1, tokens, heads, headDim),
                inputs.activation(2, tokens, keyHeads, headDim),
                inputs.activation(3, tokens, keyHeads, headDim),
                inputs.moved(
                    ahead ? BiasedAttention.causal(heads, tokens) : onlyAhead(heads, tokens)),
                1 / Math.sqrt(headDim),
                out);
            return out;
          });
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"F32", "F16", "BF16"})
  void takesSlicesThatStartAnywhere(DType dtype) {
    CudaHarness.agree(
        BiasedAttention.class,
        dtype,
        (attention, inputs) -> {
          Tensor out = inputs.output(4 * 2 * 16 + 1).slice(1, 4 * 2 * 16 + 1).reshape(4, 2, 16);
          Tensor k = inputs.activation(2, 5 * 2 * 16 + 3).slice(3, 5 * 2 * 16 + 3);
          attention.run(
              inputs.activation(1, 4, 2, 16),
              k.reshape(5, 2, 16),
              inputs.activation(3, 5, 2, 16),
              inputs.fp32(4, 2, 8),
              0.25,
              out);
          return out;
        });
  }

  @Test
  void refusesHeadsBeyondItsRegisters() {
    CudaBackend backend = CudaTestDevice.open(80);
    try (TensorArena arena = backend.newArena()) {
      Tensor x = arena.empty(DType.BF16, 1, 1, 257);
      Tensor bias = arena.empty(DType.F32, 1, 1);
      BiasedAttention attention = backend.kernel(BiasedAttention.class);
      refused(
          "q: expected a head dim of at most 256 on a GPU, found BF16[1, 1, 257]",
          () -> attention.run(x, x, x, bias, 1, x));
    }
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
