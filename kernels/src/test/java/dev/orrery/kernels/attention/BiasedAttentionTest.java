package dev.orrery.kernels.attention;

import static dev.orrery.kernels.KernelHarness.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.KernelHarness;
import dev.orrery.kernels.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BiasedAttentionTest {
  /** One and several panels of queries and chunks of keys, whole and not. */
  @ParameterizedTest
  @CsvSource({
    "1, 1, 1, 1",
    "13, 13, 3, 8",
    "207, 207, 2, 64",
    "64, 128, 1, 32",
    "5, 130, 2, 13",
    "100, 3, 4, 80"
  })
  void agreesWithTheReference(int queries, int keys, int heads, int headDim) {
    Tensor q = KernelHarness.normal(1, queries, heads, headDim);
    Tensor k = KernelHarness.normal(2, keys, heads, headDim);
    Tensor v = KernelHarness.normal(3, keys, heads, headDim);
    Tensor bias = KernelHarness.normal(4, heads, queries + keys - 1);
    KernelHarness.agree(
        BiasedAttention.class,
        (attention, out) -> attention.run(q, k, v, bias, 1 / Math.sqrt(headDim), out),
        queries,
        heads,
        headDim);
  }

  /** Heads of queries and of keys, and which distances are excluded: none, a run, those ahead. */
  @ParameterizedTest
  @CsvSource({"7, 9, 6, 2, 8", "70, 70, 4, 1, 16", "70, 200, 28, 4, 8", "65, 66, 3, 3, 5"})
  void sharesKeysAndExcludesSome(int queries, int keys, int heads, int keyHeads, int headDim) {
    Tensor q = KernelHarness.normal(1, queries, heads, headDim);
    Tensor k = KernelHarness.normal(2, keys, keyHeads, headDim);
    Tensor v = KernelHarness.normal(3, keys, keyHeads, headDim);
    Tensor bias = KernelHarness.normal(4, heads, queries + keys - 1);
    float[] excluding = bias.toFloats();
    for (int i = 0; i < excluding.length; i++) {
      // Whole chunks of keys at the start of far queries, and every other key elsewhere.
      if (i % (queries + keys - 1) < queries - 2
          || i % 2 == 0 && i % (queries + keys - 1) > queries) {
        excluding[i] = Float.NEGATIVE_INFINITY;
      }
    }
    for (Tensor each : new Tensor[] {bias, Tensor.of(excluding, heads, queries + keys - 1)}) {
      KernelHarness.agree(
          BiasedAttention.class,
          (attention, out) -> attention.run(q, k, v, each, 1 / Math.sqrt(headDim), out),
          queries,
          heads,
          headDim);
    }
  }

  /** Two heads of queries and one of keys; the second query alone sees both keys. */
  @Test
  void definitionOfTheCausalMask() {
    Tensor q = Tensor.of(new float[] {1, 2, 3, 4}, 2, 2, 1);
    Tensor k = Tensor.of(new float[] {0, (float) Math.log(2)}, 2, 1, 1);
    Tensor v = Tensor.of(new float[] {30, 60}, 2, 1, 1);
    Tensor causal = BiasedAttention.causal(2, 2);
    assertArrayEquals(
        new float[] {0, 0, Float.NEGATIVE_INFINITY, 0, 0, Float.NEGATIVE_INFINITY},
        causal.toFloats());
    float[] out =
        KernelHarness.compute(
            CpuBackend.reference(1),
            BiasedAttention.class,
            (attention, result) -> attention.run(q, k, v, causal, 1, result),
            2,
            2,
            1);
    // Weights 1 : 2^q.
    assertArrayEquals(new float[] {30, 30, 30 + 30 * 8 / 9f, 30 + 30 * 16 / 17f}, out, 1e-5f);
  }

  @Test
  void refusesAQueryWithoutAnyKey() {
    Tensor q = KernelHarness.normal(1, 4, 2, 8);
    Tensor k = KernelHarness.normal(2, 3, 1, 8);
    float[] bias = new float[2 * 6];
    for (int distance = 1; distance < 4; distance++) {
      bias[6 + distance] = Float.NEGATIVE_INFINITY;
    }
    bias[4] = Float.NEGATIVE_INFINITY;
    bias[5] = Float.NEGATIVE_INFINITY;
    try (CpuBackend backend = CpuBackend.simd(1)) {
      BiasedAttention attention = backend.kernel(BiasedAttention.class);
      refused(
          "bias: expected a key for every query, found none for query 2 of head 1",
          () -> attention.run(q, k, k, Tensor.of(bias, 2, 6), 1, q));
      // The last distances of a head and the first of the next one are no run.
      bias[6 + 2] = 0;
      bias[6] = Float.NEGATIVE_INFINITY;
      attention.run(q, k, k, Tensor.of(bias, 2, 6), 1, q);
      Tensor keysOfThree = KernelHarness.normal(2, 3, 3, 8);
      refused(
          "heads of q: expected a multiple of heads of k = 3, found 2",
          () -> attention.run(q, keysOfThree, keysOfThree, Tensor.of(bias, 2, 6), 1, q));
    }
  }

  /** A bias that leaves one distance only: every query gets the value that far from it. */
  @Test
  void biasBelongsToTheDistance() {
    int tokens = 70;
    Tensor q = KernelHarness.normal(1, tokens, 1, 2);
    float[] values = new float[tokens * 2];
    for (int j = 0; j < tokens; j++) {
      values[2 * j] = j;
      values[2 * j + 1] = -j;
    }
    Tensor v = Tensor.of(values, tokens, 1, 2);
    float[] bias = new float[2 * tokens - 1];
    int ahead = 3;
    bias[ahead + tokens - 1] = 1e4f;
    float[] expected = new float[2 * (tokens - ahead)];
    System.arraycopy(values, 2 * ahead, expected, 0, expected.length);
    for (CpuBackend backend : new CpuBackend[] {CpuBackend.reference(1), CpuBackend.simd(1)}) {
      float[] out =
          KernelHarness.compute(
              backend,
              BiasedAttention.class,
              (attention, result) ->
                  attention.run(q, q, v, Tensor.of(bias, 1, bias.length), 1, result),
              tokens,
              1,
              2);
      float[] found = new float[expected.length];
      System.arraycopy(out, 0, found, 0, found.length);
      assertArrayEquals(expected, found);
    }
  }

  @Test
  void refusesShapesThatDoNotFit() {
    Tensor q = KernelHarness.normal(1, 4, 2, 8);
    Tensor k = KernelHarness.normal(2, 5, 2, 8);
    Tensor bias = KernelHarness.normal(3, 2, 8);
    Tensor shortBias = KernelHarness.normal(3, 2, 7);
    Tensor none = KernelHarness.normal(4, 0, 2, 8);
    try (CpuBackend backend = CpuBackend.simd(1)) {
      BiasedAttention attention = backend.kernel(BiasedAttention.class);
      refused(
          "bias: expected F32[2, 8], found F32[2, 7]",
          () -> attention.run(q, k, k, shortBias, 1, q));
      refused(
          "v: expected F32[5, 2, 8], found F32[4, 2, 8]", () -> attention.run(q, k, q, bias, 1, q));
      refused(
          "out: expected F32[4, 2, 8], found F32[5, 2, 8]",
          () -> attention.run(q, k, k, bias, 1, k));
      refused(
          "k: expected at least one key, found F32[0, 2, 8]",
          () -> attention.run(q, none, none, bias, 1, q));
    }
  }
}
