package dev.orrery.kernels.attention;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.orrery.kernels.KernelCase.Inputs;
import dev.orrery.kernels.KernelHarness;
import dev.orrery.kernels.cuda.CudaHarness;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class AttentionCudaTest {
  /**
   * All head dims on tensor cores, whole and padded, with one key, and with so many tiles of keys
   * that every buffer is filled at least twice.
   */
  @ParameterizedTest
  @CsvSource({
    "1, 1, 1, 64, F16",
    "130, 200, 2, 64, F16",
    "65, 530, 1, 64, BF16",
    "1, 129, 2, 128, BF16",
    "65, 530, 1, 128, F16",
    "3, 193, 2, 8, BF16",
    "70, 64, 2, 24, F16",
    "20, 150, 1, 48, BF16",
    "33, 130, 2, 80, BF16",
    "9, 150, 1, 104, F16",
    "20, 70, 1, 160, BF16",
    "65, 65, 1, 256, F16",
    "17, 50, 1, 384, BF16",
    "3, 40, 1, 392, BF16",
    "3, 130, 2, 520, F16",
    "9, 70, 1, 1024, F16"
  })
  void agreesWithTheReferenceOnTensorCores(
      int queries, int keys, int heads, int headDim, DType dtype) {
    agreesWithTheReference(queries, keys, heads, headDim, dtype);
  }

  /** Head dims that tensor cores do not take, all of fp32, and one key, 32, more. */
  @ParameterizedTest
  @CsvSource({
    "1, 1, 1, 1, F32",
    "33, 170, 3, 40, F32",
    "7, 33, 2, 64, F32",
    "5, 32, 1, 392, F32",
    "1, 70, 1, 1800, F32",
    "13, 70, 3, 13, F16",
    "13, 70, 3, 13, BF16",
    "3, 40, 1, 396, BF16"
  })
  void agreesWithTheReferenceRowByRow(int queries, int keys, int heads, int headDim, DType dtype) {
    agreesWithTheReference(queries, keys, heads, headDim, dtype);
  }

  private static void agreesWithTheReference(
      int queries, int keys, int heads, int headDim, DType dtype) {
    CudaHarness.agree(
        Attention.class,
        dtype,
        (attention, inputs) -> {
          Tensor out = inputs.output(queries, heads, headDim);
          attention.run(
              inputs.activation(1, queries, heads, headDim),
              inputs.activation(2, keys, heads, headDim),
              inputs.activation(3, keys, heads, headDim),
              1 / Math.sqrt(headDim),
              out);
          return out;
        });
  }

  /**
   * Every kernel with sequences that end within a tile, with one that fills it, with slices of
   * columns, and with more of them than a grid has in its third dimension.
   */
  @ParameterizedTest
  @CsvSource({
    "3, 20, 70, 2, 64, BF16",
    "2, 144, 144, 1, 64, F16",
    "2, 130, 128, 1, 128, BF16",
    "4, 64, 64, 2, 32, F16",
    "3, 17, 33, 1, 16, BF16",
    "2, 9, 40, 1, 96, F16",
    "3, 20, 40, 2, 160, BF16",
    "2, 5, 20, 1, 384, F16",
    "5, 13, 9, 3, 13, F32",
    "3, 7, 40, 2, 64, F32",
    "4, 5, 6, 1, 12, BF16",
    "33000, 1, 1, 1, 200, BF16"
  })
  void sequencesDoNotSeeEachOther(
      int sequences, int queries, int keys, int heads, int headDim, DType dtype) {
    CudaHarness.agree(
        Attention.class,
        dtype,
        (attention, inputs) -> {
          Tensor out = inputs.output(sequences * queries, heads, headDim);
          attention.run(
              inputs.activation(1, sequences * queries, heads, headDim),
              inputs.activation(2, sequences * keys, heads, headDim),
              inputs.activation(3, sequences * keys, heads, headDim),
              sequences,
              1 / Math.sqrt(headDim),
              out);
          return out;
        });
  }

  /** The sequences before and behind are NaN, which spoils everything it meets. */
  @ParameterizedTest
  @CsvSource({"64, F32", "64, F16", "64, BF16", "128, BF16", "24, F16", "160, BF16"})
  void seesNothingOfOtherSequences(int headDim, DType dtype) {
    CudaHarness.agree(
        Attention.class,
        dtype,
        (attention, inputs) -> {
          Tensor out = inputs.output(3 * 5, 2, headDim);
          attention.run(
              amongNan(inputs.activation(1, 3 * 5, 2, headDim), inputs, 1, dtype),
              amongNan(inputs.activation(2, 3 * 150, 2, headDim), inputs, 2, dtype),
              amongNan(inputs.activation(3, 3 * 150, 2, headDim), inputs, 3, dtype),
              3,
              0.125,
              out);
          return out.slice(5, 10);
        });
  }

  private static Tensor amongNan(Tensor rows, Inputs inputs, long seed, DType dtype) {
    if (!inputs.onDevice()) {
      return rows;
    }
    Tensor host = KernelHarness.normal(seed, dtype, rows.shape().extents());
    long each = rows.size(0) / 3;
    host.slice(0, each).segment().fill((byte) 0xFF);
    host.slice(2 * each, 3 * each).segment().fill((byte) 0xFF);
    return inputs.moved(host);
  }

  @ParameterizedTest
  @CsvSource({"80, BF16, 64", "90, BF16, 128", "80, F16, 24", "80, F16, 200", "90, F32, 24"})
  void sequenceHasTheSameBitsAloneAndAmongOthers(int capability, DType dtype, int headDim) {
    float[] all = sequences(capability, dtype, headDim, 0, 3);
    int each = all.length / 3;
    for (int i = 0; i < 3; i++) {
      float[] one = sequences(capability, dtype, headDim, i, i + 1);
      assertArrayEquals(Arrays.copyOfRange(all, i * each, (i + 1) * each), one);
    }
  }

  private static float[] sequences(int capability, DType dtype, int headDim, int from, int to) {
    return CudaHarness.onGpu(
        Attention.class,
        dtype,
        capability,
        (attention, inputs) -> {
          Tensor out = inputs.output((to - from) * 10, 2, headDim);
          attention.run(
              inputs.activation(1, 3 * 10, 2, headDim).slice(from * 10, to * 10),
              inputs.activation(2, 3 * 70, 2, headDim).slice(from * 70, to * 70),
              inputs.activation(3, 3 * 70, 2, headDim).slice(from * 70, to * 70),
              to - from,
              0.2,
              out);
          return out;
        });
  }

  /** Windows of caches start anywhere; where 16-byte copies cannot, another kernel has to. */
  @ParameterizedTest
  @EnumSource(names = {"F32", "F16", "BF16"})
  void takesSlicesThatStartAnywhere(DType dtype) {
    for (int shifted = 0; shifted < 4; shifted++) {
      int position = shifted;
      CudaHarness.agree(
          Attention.class,
          dtype,
          (attention, inputs) -> {
            Tensor out = shift(inputs.output(5 * 2 * 16 + 1), position == 3);
            attention.run(
                shift(inputs.activation(1, 5 * 2 * 16 + 1), position == 0).reshape(5, 2, 16),
                shift(inputs.activation(2, 9 * 2 * 16 + 1), position == 1).reshape(9, 2, 16),
                shift(inputs.activation(3, 9 * 2 * 16 + 1), position == 2).reshape(9, 2, 16),
                0.25,
                out.reshape(5, 2, 16));
            return out;
          });
    }
  }

  private static Tensor shift(Tensor elements, boolean shift) {
    long first = shift ? 1 : 0;
    return elements.slice(first, first + elements.elements() - 1);
  }

  @ParameterizedTest
  @EnumSource(names = {"F32", "F16", "BF16"})
  void seesNothingBesideItsWindow(DType dtype) {
    CudaHarness.agree(
        Attention.class,
        dtype,
        (attention, inputs) -> {
          Tensor out = inputs.output(3, 2, 64);
          Tensor k = window(inputs, 2, dtype);
          Tensor v = window(inputs, 3, dtype);
          attention.run(inputs.activation(1, 3, 2, 64), k, v, 0.125, out);
          return out;
        });
  }

  /** Rows among others that are NaN, which spoils everything it meets, even with weight zero. */
  private static Tensor window(Inputs inputs, long seed, DType dtype) {
    Tensor rows = inputs.activation(seed, 100, 2, 64);
    if (inputs.onDevice()) {
      Tensor host = KernelHarness.normal(seed, dtype, 100, 2, 64);
      host.slice(0, 30).segment().fill((byte) 0xFF);
      host.slice(70, 100).segment().fill((byte) 0xFF);
      rows = inputs.moved(host);
    }
    return rows.slice(30, 70);
  }

  /**
   * Scores of about 1e4 of either sign: only one weight of a query remains. Scores near 1e4 are
   * rounded to 1e-3 in fp32, which moves the weights of near ties.
   */
  @ParameterizedTest
  @CsvSource({"1000, F32", "-1000, F32", "1000, F16", "1000, BF16", "-1000, BF16"})
  void survivesExtremeScores(double scale, DType dtype) {
    CudaHarness.agree(
        Attention.class,
        dtype,
        1e-2,
        (attention, inputs) -> {
          Tensor out = inputs.output(20, 1, 64);
          attention.run(
              inputs.activation(1, 20, 1, 64),
              inputs.activation(2, 150, 1, 64),
              inputs.activation(3, 150, 1, 64),
              scale,
              out);
          return out;
        });
  }

  /** Keys in ascending order make every tile raise the maximum of the first query. */
  @ParameterizedTest
  @EnumSource(names = {"F32", "F16", "BF16"})
  void followsAMaximumThatRisesWithEveryTile(DType dtype) {
    int keys = 400;
    float[] ramp = new float[keys * 64];
    for (int i = 0; i < keys; i++) {
      ramp[i * 64] = i / 16;
    }
    float[] slopes = new float[3 * 64];
    slopes[0] = 1;
    slopes[64] = -1;
    slopes[128] = 0.125f;
    CudaHarness.agree(
        Attention.class,
        dtype,
        (attention, inputs) -> {
          Tensor out = inputs.output(3, 1, 64);
          attention.run(
              inputs.values(slopes, 3, 1, 64),
              inputs.values(ramp, keys, 1, 64),
              inputs.activation(3, keys, 1, 64),
              1,
              out);
          return out;
        });
  }

  @ParameterizedTest
  @EnumSource(names = {"F32", "F16", "BF16"})
  void scaleOfZeroGivesTheMeanOfTheValues(DType dtype) {
    CudaHarness.agree(
        Attention.class,
        dtype,
        (attention, inputs) -> {
          Tensor out = inputs.output(2, 1, 64);
          attention.run(
              inputs.activation(1, 2, 1, 64),
              inputs.activation(2, 70, 1, 64),
              inputs.activation(3, 70, 1, 64),
              0,
              out);
          return out;
        });
  }

  @ParameterizedTest
  @CsvSource({"80, BF16, 64", "80, F16, 24", "90, F16, 200", "90, BF16, 64", "90, F32, 24"})
  void queryHasTheSameBitsAloneAndAmongOthers(int capability, DType dtype, int headDim) {
    float[] all = rows(capability, dtype, headDim, 0, 140);
    for (int row : new int[] {0, 15, 63, 64, 139}) {
      float[] one = rows(capability, dtype, headDim, row, row + 1);
      assertArrayEquals(Arrays.copyOfRange(all, row * headDim, (row + 1) * headDim), one);
    }
  }

  private static float[] rows(int capability, DType dtype, int headDim, int from, int to) {
    return CudaHarness.onGpu(
        Attention.class,
        dtype,
        capability,
        (attention, inputs) -> {
          Tensor out = inputs.output(to - from, 1, headDim);
          attention.run(
              inputs.activation(1, 140, 1, headDim).slice(from, to),
              inputs.activation(2, 150, 1, headDim),
              inputs.activation(3, 150, 1, headDim),
              0.2,
              out);
          return out;
        });
  }
}
