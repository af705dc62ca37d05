package dev.orrery.kernels.attention;

import dev.orrery.kernels.KernelCase.Inputs;
import dev.orrery.kernels.KernelHarness;
import dev.orrery.kernels.cuda.CudaHarness;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class TemporalAttentionCudaTest {
  private static final DType[] DTYPES = {DType.F32, DType.F16, DType.BF16};

  /**
   * One pass of queries, a full one and several; all numbers of lanes; head dims too large or odd.
   */
  @ParameterizedTest
  @CsvSource({
    "1, 1, 1, 1, 8",
    "3, 3, 24, 2, 64",
    "4, 15, 5, 3, 64",
    "5, 6, 7, 1, 80",
    "9, 2, 5, 1, 16",
    "3, 15, 13, 1, 40",
    "2, 5, 9, 1, 256",
    "1, 20, 13, 1, 128",
    "3, 6, 11, 2, 13",
    "2, 3, 5, 1, 264"
  })
  void agreesWithTheReference(int frames, int keyFrames, int positions, int heads, int headDim) {
    for (DType dtype : DTYPES) {
      CudaHarness.agree(
          TemporalAttention.class,
          dtype,
          (attention, inputs) -> {
            Tensor out = inputs.output(frames, positions, heads, headDim);
            attention.run(
                inputs.activation(1, frames, positions, heads, headDim),
                inputs.activation(2, keyFrames, positions, heads, headDim),
                inputs.activation(3, keyFrames, positions, heads, headDim),
                1 / Math.sqrt(headDim),
                out);
            return out;
          });
    }
  }

  /** Passes of queries that are full, begun and alone, and what another kernel has to compute. */
  @ParameterizedTest
  @CsvSource({
    "1, 1, 1, 1, 8",
    "1, 9, 5, 2, 64",
    "9, 9, 5, 2, 16",
    "4, 4, 3, 1, 32",
    "6, 11, 4, 2, 40",
    "3, 5, 5, 2, 13"
  })
  void causalFramesSeeNoneAfterThem(
      int frames, int keyFrames, int positions, int heads, int headDim) {
    for (DType dtype : DTYPES) {
      CudaHarness.agree(
          TemporalAttention.class,
          dtype,
          (attention, inputs) -> {
            Tensor out = inputs.output(frames, positions, heads, headDim);
            attention.run(
                inputs.activation(1, frames, positions, heads, headDim),
                inputs.activation(2, keyFrames, positions, heads, headDim),
                inputs.activation(3, keyFrames, positions, heads, headDim),
                Visibility.CAUSAL,
                1 / Math.sqrt(headDim),
                out);
            return out;
          });
    }
  }

  /** The last key frame is NaN, which spoils everything it meets; only the last query sees it. */
  @ParameterizedTest
  @EnumSource(names = {"F32", "F16", "BF16"})
  void hiddenFramesDoNotMatter(DType dtype) {
    CudaHarness.agree(
        TemporalAttention.class,
        dtype,
        (attention, inputs) -> {
          Tensor out = inputs.output(6, 3, 2, 16);
          attention.run(
              inputs.activation(1, 6, 3, 2, 16),
              lastNan(inputs.activation(2, 8, 3, 2, 16), inputs, 2, dtype),
              lastNan(inputs.activation(3, 8, 3, 2, 16), inputs, 3, dtype),
              Visibility.CAUSAL,
              0.25,
              out);
          return out.slice(0, 5);
        });
  }

  private static Tensor lastNan(Tensor frames, Inputs inputs, long seed, DType dtype) {
    if (!inputs.onDevice()) {
      return frames;
    }
    Tensor host = KernelHarness.normal(seed, dtype, frames.shape().extents());
    host.slice(frames.size(0) - 1, frames.size(0)).segment().fill((byte) 0xFF);
    return inputs.moved(host);
  }

  /** As {@link AttentionCudaTest#survivesExtremeScores}. */
  @ParameterizedTest
  @CsvSource({"1000, F32", "-1000, F32", "1000, BF16", "0, F16"})
  void takesAnyScale(double scale, DType dtype) {
    CudaHarness.agree(
        TemporalAttention.class,
        dtype,
        1e-2,
        (attention, inputs) -> {
          Tensor out = inputs.output(3, 6, 2, 16);
          attention.run(
              inputs.activation(1, 3, 6, 2, 16),
              inputs.activation(2, 15, 6, 2, 16),
              inputs.activation(3, 15, 6, 2, 16),
              scale,
              out);
          return out;
        });
  }

  @ParameterizedTest
  @EnumSource(names = {"F32", "F16", "BF16"})
  void singleKeyFrameGivesItsValues(DType dtype) {
    CudaHarness.same(
        TemporalAttention.class,
        dtype,
        (attention, inputs) -> {
          Tensor out = inputs.output(3, 7, 2, 24);
          attention.run(
              inputs.activation(1, 3, 7, 2, 24),
              inputs.activation(2, 1, 7, 2, 24),
              inputs.activation(3, 1, 7, 2, 24),
              1e4,
              out);
          return out;
        });
  }

  /** What starts where vectors cannot be loaded is computed all the same. */
  @ParameterizedTest
  @EnumSource(names = {"F32", "F16", "BF16"})
  void takesSlicesThatStartAnywhere(DType dtype) {
    CudaHarness.agree(
        TemporalAttention.class,
        dtype,
        (attention, inputs) -> {
          Tensor out = inputs.output(2, 3, 2, 16);
          Tensor k = inputs.activation(2, 4 * 3 * 2 * 16 + 1).slice(1, 4 * 3 * 2 * 16 + 1);
          attention.run(
              inputs.activation(1, 2, 3, 2, 16),
              k.reshape(4, 3, 2, 16),
              inputs.activation(3, 4, 3, 2, 16),
              0.25,
              out);
          return out;
        });
  }
}
