package dev.orrery.kernels.attention;

import static dev.orrery.kernels.KernelHarness.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.KernelHarness;
import dev.orrery.kernels.tensor.Tensor;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AttentionTest {
  @ParameterizedTest
  @CsvSource({
    "1, 1, 1, 13",
    "13, 13, 3, 40",
    "72, 216, 3, 64",
    "207, 207, 2, 80",
    "33, 193, 1, 128",
    "31, 191, 2, 16",
    "7, 385, 1, 384",
    "300, 3, 4, 64",
    "129, 500, 1, 64"
  })
  void agreesWithTheReference(int queries, int keys, int heads, int headDim) {
    Tensor q = KernelHarness.normal(1, queries, heads, headDim);
    Tensor k = KernelHarness.normal(2, keys, heads, headDim);
    Tensor v = KernelHarness.normal(3, keys, heads, headDim);
    KernelHarness.agree(
        Attention.class,
        (attention, out) -> attention.run(q, k, v, 1 / Math.sqrt(headDim), out),
        queries,
        heads,
        headDim);
  }

  /** Frames of Oasis and of Genie, fewer of them; a query panel that ends in a sequence. */
  @ParameterizedTest
  @CsvSource({
    "1, 5, 7, 2, 8",
    "3, 144, 144, 4, 64",
    "2, 256, 256, 2, 32",
    "5, 33, 193, 1, 16",
    "40, 1, 1, 3, 13",
    "7, 12, 5, 2, 24",
    "2, 0, 3, 1, 4"
  })
  void sequencesDoNotSeeEachOther(int sequences, int queries, int keys, int heads, int headDim) {
    Tensor q = KernelHarness.normal(1, sequences * queries, heads, headDim);
    Tensor k = KernelHarness.normal(2, sequences * keys, heads, headDim);
    Tensor v = KernelHarness.normal(3, sequences * keys, heads, headDim);
    double scale = 1 / Math.sqrt(headDim);
    KernelHarness.agree(
        Attention.class,
        (attention, out) -> attention.run(q, k, v, sequences, scale, out),
        sequences * queries,
        heads,
        headDim);
    for (CpuBackend backend : new CpuBackend[] {CpuBackend.reference(1), CpuBackend.simd(2)}) {
      float[] all =
          KernelHarness.compute(
              backend,
              Attention.class,
              (attention, out) -> attention.run(q, k, v, sequences, scale, out),
              q.shape().extents());
      int each = queries * heads * headDim;
      for (int i = 0; i < sequences; i++) {
        float[] alone =
            compute(
                backend,
                q.slice(i * queries, (i + 1) * queries),
                k.slice(i * keys, (i + 1) * keys),
                v.slice(i * keys, (i + 1) * keys),
                scale);
        assertArrayEquals(alone, Arrays.copyOfRange(all, i * each, (i + 1) * each));
      }
    }
  }

  /** The sequences before and behind are NaN, which spoils everything it meets. */
  @ParameterizedTest
  @CsvSource({"5, 7, 2, 8", "40, 30, 8, 64", "3, 200, 1, 13"})
  void seesNothingOfOtherSequences(int queries, int keys, int heads, int headDim) {
    Tensor q = amongNan(KernelHarness.normal(1, 3L * queries, heads, headDim));
    Tensor k = amongNan(KernelHarness.normal(2, 3L * keys, heads, headDim));
    Tensor v = amongNan(KernelHarness.normal(3, 3L * keys, heads, headDim));
    float[] all =
        KernelHarness.compute(
            CpuBackend.simd(2),
            Attention.class,
            (attention, out) -> attention.run(q, k, v, 3, 0.3, out),
            q.shape().extents());
    Tensor ownKeys = k.slice(keys, 2L * keys);
    Tensor ownValues = v.slice(keys, 2L * keys);
    float[] alone =
        compute(CpuBackend.reference(1), q.slice(queries, 2L * queries), ownKeys, ownValues, 0.3);
    float[] found = Arrays.copyOfRange(all, alone.length, 2 * alone.length);
    KernelHarness.assertClose("among NaN", alone, found, KernelHarness.FP32_LIMIT);
  }

  private static Tensor amongNan(Tensor rows) {
    long each = rows.size(0) / 3;
    rows.slice(0, each).segment().fill((byte) 0xFF);
    rows.slice(2 * each, 3 * each).segment().fill((byte) 0xFF);
    return rows;
  }

  /** Scores of about 1e4 of either sign: only one weight of a query remains. */
  @Test
  void survivesExtremeScores() {
    Tensor q = KernelHarness.normal(1, 50, 2, 16);
    Tensor k = KernelHarness.normal(2, 400, 2, 16);
    Tensor v = KernelHarness.normal(3, 400, 2, 16);
    for (double scale : new double[] {1000, -1000}) {
      float[] expected = compute(CpuBackend.reference(1), q, k, v, scale);
      float[] actual = compute(CpuBackend.simd(2), q, k, v, scale);
      // Scores near 1e4 are rounded to 1e-3 in fp32, which moves the weights of near ties.
      KernelHarness.assertClose("extreme scores", expected, actual, 1e-2);
    }
  }

  @Test
  void equalScoresGiveTheMeanOfTheValues() {
    int keys = 1000;
    Tensor q = KernelHarness.normal(1, 5, 1, 13);
    Tensor k = Tensor.of(new float[keys * 13], keys, 1, 13);
    float[] values = new float[keys * 13];
    for (int i = 0; i < values.length; i++) {
      values[i] = i / 13 % 2 + i % 13;
    }
    Tensor v = Tensor.of(values, keys, 1, 13);
    for (CpuBackend backend : new CpuBackend[] {CpuBackend.reference(1), CpuBackend.simd(1)}) {
      float[] out = compute(backend, q, k, v, 1);
      for (int i = 0; i < out.length; i++) {
        assertEquals(0.5 + i % 13, out[i], 1e-6);
      }
    }
  }

  /** Keys in ascending order make every chunk raise the maximum. */
  @Test
  void followsAMaximumThatRisesWithEveryChunk() {
    int keys = 1000;
    float[] ramp = new float[keys];
    for (int i = 0; i < keys; i++) {
      ramp[i] = i * 0.1f;
    }
    Tensor k = Tensor.of(ramp, keys, 1, 1);
    Tensor q = Tensor.of(new float[] {1, -1, 0.01f}, 3, 1, 1);
    Tensor v = KernelHarness.normal(3, keys, 1, 1);
    float[] expected = compute(CpuBackend.reference(1), q, k, v, 1);
    KernelHarness.assertClose("ramp", expected, compute(CpuBackend.simd(1), q, k, v, 1), 1e-5);
  }

  @Test
  void queryHasTheSameBitsAloneAndAmongOthers() {
    Tensor q = KernelHarness.normal(1, 207, 3, 40);
    Tensor k = KernelHarness.normal(2, 500, 3, 40);
    Tensor v = KernelHarness.normal(3, 500, 3, 40);
    float[] all = compute(CpuBackend.simd(2), q, k, v, 0.2);
    for (int row : new int[] {0, 31, 32, 150, 206}) {
      float[] one = compute(CpuBackend.simd(1), q.slice(row, row + 1), k, v, 0.2);
      assertArrayEquals(Arrays.copyOfRange(all, row * 120, (row + 1) * 120), one);
    }
  }

  @Test
  void refusesShapesThatDoNotFit() {
    Tensor q = KernelHarness.normal(1, 4, 2, 8);
    Tensor k = KernelHarness.normal(1, 5, 2, 8);
    Tensor other = KernelHarness.normal(1, 5, 1, 8);
    try (CpuBackend backend = CpuBackend.simd(1)) {
      Attention attention = backend.kernel(Attention.class);
      refused(
          "k: expected F32[5, 2, 8], found F32[5, 1, 8]", () -> attention.run(q, other, k, 1, q));
      refused(
          "v: expected F32[5, 2, 8], found F32[5, 1, 8]", () -> attention.run(q, k, other, 1, q));
      refused("out: expected F32[4, 2, 8], found F32[5, 2, 8]", () -> attention.run(q, k, k, 1, k));
      refused(
          "sequences: expected a positive number, found 0",
          () -> attention.run(q, k, k, 0, 1.0, q));
      refused(
          "k: expected rows for 2 sequences of equal length, found F32[5, 2, 8]",
          () -> attention.run(q, k, k, 2, 1.0, q));
      refused(
          "q: expected rows for 5 sequences of equal length, found F32[4, 2, 8]",
          () -> attention.run(q, k, k, 5, 1.0, q));
    }
  }

  private static float[] compute(CpuBackend backend, Tensor q, Tensor k, Tensor v, double scale) {
    return KernelHarness.compute(
        backend,
        Attention.class,
        (attention, out) -> attention.run(q, k, v, scale, out),
        q.shape().extents());
  }
}
