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

class PropeAttentionCudaTest {
  /**
   * Transformed queries, keys and values are rounded to 16 bits, where plain attention takes exact
   * ones, and the effects of far cameras that cancel are larger than what remains.
   */
  private static final double TENSOR_CORES_BF16 = 2 * CudaHarness.BF16_LIMIT;

  private static final double TENSOR_CORES_FP16 = 2 * CudaHarness.FP16_LIMIT;

  /**
   * All head dims on tensor cores, whole and padded, with one key, with frames that end within
   * tiles, with plain keys that end within a tile and with one, with so many tiles of keys that
   * every buffer is filled at least twice, and with tokens of more channels than a block transforms
   * at a time.
   */
  @ParameterizedTest
  @CsvSource({
    "1, 1, 1, 64, 1, 1, 0, F16",
    "130, 200, 2, 64, 13, 8, 0, F16",
    "65, 537, 1, 64, 5, 10, 7, BF16",
    "1, 129, 2, 128, 1, 3, 0, BF16",
    "66, 530, 1, 128, 3, 4, 170, F16",
    "135, 330, 1, 128, 3, 11, 0, BF16",
    "3, 193, 2, 8, 3, 1, 192, BF16",
    "70, 64, 2, 24, 2, 16, 0, F16",
    "33, 131, 2, 80, 3, 13, 1, BF16",
    "2, 7, 33, 128, 2, 3, 1, BF16"
  })
  void agreesWithTheReferenceOnTensorCores(
      int queries,
      int keys,
      int heads,
      int headDim,
      int queryFrames,
      int keyFrames,
      int plain,
      DType dtype) {
    double limit = dtype == DType.F16 ? TENSOR_CORES_FP16 : TENSOR_CORES_BF16;
    agreesWithTheReference(
        queries, keys, heads, headDim, queryFrames, keyFrames, plain, dtype, limit);
  }

  /** Head dims that tensor cores do not take, all of fp32, and one key, 32, more. */
  @ParameterizedTest
  @CsvSource({
    "1, 1, 1, 4, 1, 1, 0, F32",
    "33, 170, 3, 40, 11, 17, 0, F32",
    "7, 33, 2, 64, 7, 3, 0, F32",
    "6, 32, 1, 128, 2, 2, 0, F32",
    "7, 71, 2, 64, 7, 3, 38, F32",
    "2, 70, 1, 1800, 1, 7, 0, F32",
    "12, 72, 3, 12, 4, 7, 2, F16",
    "12, 70, 3, 20, 3, 5, 0, BF16",
    "4, 40, 1, 136, 2, 1, 33, BF16"
  })
  void agreesWithTheReferenceRowByRow(
      int queries,
      int keys,
      int heads,
      int headDim,
      int queryFrames,
      int keyFrames,
      int plain,
      DType dtype) {
    double limit =
        switch (dtype) {
          case F16 -> CudaHarness.FP16_LIMIT;
          case BF16 -> CudaHarness.BF16_LIMIT;
          default -> KernelHarness.FP32_LIMIT;
        };
    agreesWithTheReference(
        queries, keys, heads, headDim, queryFrames, keyFrames, plain, dtype, limit);
  }

  private static void agreesWithTheReference(
      int queries,
      int keys,
      int heads,
      int headDim,
      int queryFrames,
      int keyFrames,
      int plain,
      DType dtype,
      double limit) {
    CudaHarness.agree(
        PropeAttention.class,
        dtype,
        limit,
        (attention, inputs) -> {
          Tensor out = inputs.output(queries, heads, headDim);
          Tensor k = inputs.activation(2, keys, heads, headDim);
          attention.run(
              inputs.activation(1, queries, heads, headDim),
              k,
              inputs.activation(3, keys, heads, headDim),
              imageFromWorld(inputs, queryFrames),
              worldFromImage(inputs, keyFrames),
              plain,
              1 / Math.sqrt(headDim),
              room(inputs, k),
              out);
          return out;
        });
  }

  private static Tensor room(Inputs inputs, Tensor k) {
    return inputs.output(PropeAttention.roomRows(k), k.size(1), k.size(2));
  }

  private static Tensor imageFromWorld(Inputs inputs, int frames) {
    float[] matrices = CameraMatrices.random(4, frames, null).imageFromWorld();
    return inputs.moved(Tensor.of(matrices, frames, 4, 4));
  }

  private static Tensor worldFromImage(Inputs inputs, int frames) {
    float[] matrices = CameraMatrices.random(5, frames, null).worldFromImage();
    return inputs.moved(Tensor.of(matrices, frames, 4, 4));
  }

  /** Where 16-byte loads cannot start, another kernel has to run. */
  @ParameterizedTest
  @EnumSource(names = {"F32", "F16", "BF16"})
  void takesSlicesThatStartAnywhere(DType dtype) {
    for (int shifted = 0; shifted < 7; shifted++) {
      int position = shifted;
      CudaHarness.agree(
          PropeAttention.class,
          dtype,
          (attention, inputs) -> {
            Tensor out = shift(inputs.output(6 * 2 * 16 + 1), position == 5);
            Tensor k = shift(inputs.activation(2, 9 * 2 * 16 + 1), position == 1).reshape(9, 2, 16);
            int rows = PropeAttention.roomRows(k);
            attention.run(
                shift(inputs.activation(1, 6 * 2 * 16 + 1), position == 0).reshape(6, 2, 16),
                k,
                shift(inputs.activation(3, 9 * 2 * 16 + 1), position == 2).reshape(9, 2, 16),
                shift(inputs.fp32(4, 2 * 16 + 1), position == 3).reshape(2, 4, 4),
                shift(inputs.fp32(5, 3 * 16 + 1), position == 4).reshape(3, 4, 4),
                0,
                0.05,
                shift(inputs.output(rows * 2 * 16 + 1), position == 6).reshape(rows, 2, 16),
                out.reshape(6, 2, 16));
            return out;
          });
    }
  }

  private static Tensor shift(Tensor elements, boolean shift) {
    long first = shift ? 1 : 0;
    return elements.slice(first, first + elements.elements() - 1);
  }

  /** A scale that tensor cores do not take. */
  @ParameterizedTest
  @EnumSource(names = {"F32", "F16", "BF16"})
  void takesANegativeScale(DType dtype) {
    CudaHarness.agree(
        PropeAttention.class,
        dtype,
        (attention, inputs) -> {
          Tensor out = inputs.output(4, 1, 64);
          Tensor k = inputs.activation(2, 70, 1, 64);
          attention.run(
              inputs.activation(1, 4, 1, 64),
              k,
              inputs.activation(3, 70, 1, 64),
              imageFromWorld(inputs, 2),
              worldFromImage(inputs, 7),
              0,
              -0.125,
              room(inputs, k),
              out);
          return out;
        });
  }

  @ParameterizedTest
  @CsvSource({"80, BF16, 64", "80, F16, 24", "90, BF16, 64", "90, F32, 24"})
  void frameOfQueriesHasTheSameBitsAloneAndAmongOthers(int capability, DType dtype, int headDim) {
    float[] all = frames(capability, dtype, headDim, 0, 7);
    for (int frame : new int[] {0, 3, 6}) {
      float[] one = frames(capability, dtype, headDim, frame, frame + 1);
      int length = 20 * headDim;
      assertArrayEquals(Arrays.copyOfRange(all, frame * length, (frame + 1) * length), one);
    }
  }

  private static float[] frames(int capability, DType dtype, int headDim, int from, int to) {
    return CudaHarness.onGpu(
        PropeAttention.class,
        dtype,
        capability,
        (attention, inputs) -> {
          Tensor out = inputs.output((to - from) * 20, 1, headDim);
          Tensor k = inputs.activation(2, 157, 1, headDim);
          attention.run(
              inputs.activation(1, 140, 1, headDim).slice(from * 20, to * 20),
              k,
              inputs.activation(3, 157, 1, headDim),
              imageFromWorld(inputs, 7).slice(from, to),
              worldFromImage(inputs, 5),
              7,
              0.2,
              room(inputs, k),
              out);
          return out;
        });
  }
}
