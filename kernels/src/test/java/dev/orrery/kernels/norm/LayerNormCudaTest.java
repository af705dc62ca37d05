package dev.orrery.kernels.norm;

import static dev.orrery.kernels.cuda.CudaHarness.agree;
import static dev.orrery.kernels.cuda.CudaHarness.onGpu;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.orrery.kernels.KernelHarness;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class LayerNormCudaTest {
  private static final double EPS = 1e-6;

  /** Rows of a part of a warp, of a block, and longer than the registers of a block hold. */
  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"F32", "F16", "BF16"})
  void agreesWithReference(DType dtype) {
    int[][] sizes = {
      {1, 1}, {9, 13}, {70, 64}, {5, 256}, {3, 257}, {3, 1536}, {2, 9216}, {2, 17000}
    };
    for (int[] size : sizes) {
      agree(
          LayerNorm.class,
          dtype,
          (kernel, inputs) -> {
            Tensor out = inputs.output(size[0], size[1]);
            kernel.run(
                inputs.activation(1, size[0], size[1]),
                inputs.fp32(2, size[1]),
                inputs.fp32(3, size[1]),
                EPS,
                out);
            return out;
          });
    }
  }

  /** Spread 3e-4 makes the variance smaller than eps; a mean of a thousand hides the spread. */
  @ParameterizedTest
  @CsvSource({"0,3e-4", "1000,1", "-1000,0.1", "3,3e-4", "1e6,50"})
  void accurateForSmallSpreadAndLargeMean(float mean, float spread) {
    for (int columns : new int[] {207, 1536}) {
      float[] values = KernelHarness.normal(4, 3L * columns).toFloats();
      for (int i = 0; i < values.length; i++) {
        values[i] = mean + spread * values[i];
      }
      agree(
          LayerNorm.class,
          DType.F32,
          (kernel, inputs) -> {
            Tensor out = inputs.output(3, columns);
            Tensor x = inputs.moved(Tensor.of(values, 3, columns));
            kernel.run(x, inputs.fp32(5, columns), inputs.fp32(6, columns), EPS, out);
            return out;
          });
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"F32", "F16", "BF16"})
  void outputMayBeInput(DType dtype) {
    for (int columns : new int[] {40, 207, 1000, 17000}) {
      agree(
          LayerNorm.class,
          dtype,
          (kernel, inputs) -> {
            Tensor x = inputs.activation(7, 4, columns).slice(1, 4);
            kernel.run(x, inputs.fp32(8, columns), inputs.fp32(9, columns), EPS, x);
            return x;
          });
    }
  }

  @ParameterizedTest
  @CsvSource({"48", "207", "1000"})
  void rowsDoNotDependOnEachOther(int columns) {
    float[] all = rows(columns, 0);
    float[] last = rows(columns, 5);
    assertArrayEquals(Arrays.copyOfRange(all, 5 * columns, 11 * columns), last);
  }

  /** Results of the rows of eleven from {@code first} on. */
  private static float[] rows(int columns, int first) {
    return onGpu(
        LayerNorm.class,
        DType.BF16,
        80,
        (kernel, inputs) -> {
          Tensor out = inputs.output(11 - first, columns);
          Tensor x = inputs.activation(1, 11, columns).slice(first, 11);
          kernel.run(x, inputs.fp32(2, columns), inputs.fp32(3, columns), EPS, out);
          return out;
        });
  }
}
