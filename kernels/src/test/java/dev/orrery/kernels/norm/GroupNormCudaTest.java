package dev.orrery.kernels.norm;

import static dev.orrery.kernels.cuda.CudaHarness.agree;
import static dev.orrery.kernels.cuda.CudaHarness.onGpu;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.orrery.kernels.KernelHarness;
import dev.orrery.kernels.cuda.PlantedBug;
import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class GroupNormCudaTest {
  private static final double EPS = 1e-6;

  /**
   * Groups within and across the eight channels of a thread, channels of several blocks, and
   * addresses that do not allow chunks.
   */
  @ParameterizedTest
  @CsvSource({
    // dtype, N, P, C, G, first element of x, activation
    "F16, 2, 70, 128, 32, 0, SILU",
    "F32, 1, 1100, 16, 4, 0, NONE",
    "BF16, 2, 16, 512, 32, 0, SILU",
    "F32, 2, 9, 2080, 65, 0, GELU_TANH",
    "F32, 1, 5, 4100, 2, 0, NONE",
    "F16, 3, 33, 13, 13, 0, GELU_ERF",
    "BF16, 1, 33, 13, 1, 0, NONE",
    "F32, 2, 40, 24, 3, 1, SILU",
    "F16, 1, 40, 24, 8, 1, NONE",
    "F32, 1, 2000, 1, 1, 0, NONE",
    "F32, 1, 1, 1, 1, 0, SILU",
    "F32, 0, 3, 8, 2, 0, NONE",
    "F32, 2, 0, 8, 2, 0, NONE"
  })
  void agreesWithReference(
      DType dtype,
      int pictures,
      int positions,
      int channels,
      int groups,
      int first,
      Activation activation) {
    agree(
        GroupNorm.class,
        dtype,
        (kernel, inputs) -> {
          int end = first + pictures * positions * channels;
          Tensor x =
              inputs.activation(1, end).slice(first, end).reshape(pictures, positions, channels);
          Tensor weight = inputs.fp32(2, channels);
          Tensor bias = inputs.fp32(3, channels);
          Tensor out = inputs.output(pictures, positions, channels);
          kernel.run(x, groups, weight, bias, EPS, activation, out);
          return out;
        });
  }

  /** Spread 3e-4 makes the variance smaller than eps; a mean of a thousand hides the spread. */
  @ParameterizedTest
  @CsvSource({"0, 3e-4", "1000, 1", "-1000, 0.1", "3, 3e-4", "1e6, 50"})
  void accurateForSmallSpreadAndLargeMean(float mean, float spread) {
    float[] values = KernelHarness.normal(4, 150 * 24).toFloats();
    for (int i = 0; i < values.length; i++) {
      values[i] = mean + spread * values[i];
    }
    agreeOn(values, 150, 24, 6);
  }

  /** What one block has says nothing about another: a slope, and a bright spot at the end. */
  @Test
  void accurateForPicturesThatChange() {
    float[] slope = KernelHarness.normal(5, 900 * 8).toFloats();
    float[] spot = slope.clone();
    for (int i = 0; i < slope.length; i++) {
      slope[i] += i / 8;
      spot[i] += i / 8 > 890 ? 1e4f : 0;
    }
    agreeOn(slope, 900, 8, 2);
    agreeOn(spot, 900, 8, 2);
  }

  private static void agreeOn(float[] values, int positions, int channels, int groups) {
    agree(
        GroupNorm.class,
        DType.F32,
        (kernel, inputs) -> {
          Tensor x = inputs.moved(Tensor.of(values, 1, positions, channels));
          Tensor weight = inputs.fp32(6, channels);
          Tensor bias = inputs.fp32(7, channels);
          Tensor out = inputs.output(1, positions, channels);
          kernel.run(x, groups, weight, bias, EPS, Activation.NONE, out);
          return out;
        });
  }

  @ParameterizedTest
  @EnumSource(names = {"F32", "F16", "BF16"})
  void outputMayBeInput(DType dtype) {
    for (int channels : new int[] {16, 10}) {
      agree(
          GroupNorm.class,
          dtype,
          (kernel, inputs) -> {
            Tensor x = inputs.activation(8, 2, 150, channels);
            Tensor weight = inputs.fp32(9, channels);
            Tensor bias = inputs.fp32(10, channels);
            kernel.run(x, 2, weight, bias, EPS, Activation.SILU, x);
            return x;
          });
    }
  }

  /** Whatever a call before has left behind, and however many pictures there are in a call. */
  @Test
  void picturesDoNotDependOnOthers() {
    float[] together = normalized(3);
    float[] first = normalized(1);
    assertArrayEquals(first, Arrays.copyOf(together, first.length));
  }

  private static float[] normalized(int pictures) {
    float[] values = KernelHarness.normal(11, 3 * 300 * 16).toFloats();
    return onGpu(
        GroupNorm.class,
        DType.F32,
        80,
        (kernel, inputs) -> {
          Tensor x = inputs.moved(Tensor.of(values, 3, 300, 16)).slice(0, pictures);
          Tensor weight = inputs.fp32(12, 16);
          Tensor bias = inputs.fp32(13, 16);
          Tensor out = inputs.output(pictures, 300, 16);
          kernel.run(x, 4, weight, bias, EPS, Activation.NONE, out);
          return out;
        });
  }

  private static List<PlantedBug> bugs() {
    return List.of(
        new PlantedBug(
            "GroupNorm",
            "mine[i];\n  __syncthreads();",
            "mine[i];",
            "read of uninitialised shared"),
        new PlantedBug(
            "GroupNorm",
            "totals[c] = sum;\n  }\n  __syncthreads();",
            "totals[c] = sum;\n  }",
            "shared memory"),
        new PlantedBug(
            "GroupNorm",
            "rows(min(block_rows, positions - int(blockIdx.x) * block_rows))",
            "rows(block_rows)",
            "memory")); // so far behind the tensor that shared memory may lie there
  }

  @ParameterizedTest
  @MethodSource("bugs")
  @DisabledIfSystemProperty(named = "requireGpu", matches = "true")
  void plantedBugsAreReported(PlantedBug bug) {
    bug.isReported(
        80,
        GroupNorm.class,
        DType.F32,
        (kernel, inputs) -> {
          Tensor out = inputs.output(1, 70, 128);
          Tensor x = inputs.activation(1, 1, 70, 128);
          Tensor vector = inputs.fp32(2, 128);
          kernel.run(x, 32, vector, vector, EPS, Activation.NONE, out);
          return out;
        });
  }
}
