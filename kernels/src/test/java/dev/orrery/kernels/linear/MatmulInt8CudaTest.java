package dev.orrery.kernels.linear;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.orrery.kernels.cuda.CudaHarness;
import dev.orrery.kernels.cuda.CudaHarness.Case;
import dev.orrery.kernels.cuda.CudaHarness.Inputs;
import dev.orrery.kernels.cuda.CudaTestDevice;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The emulated GPU has four multiprocessors: four tiles of 128 x 128 make it choose that tile. */
class MatmulInt8CudaTest {
  /**
   * Products of one element, of one column more than a tile, of a depth that ends inside a slot, of
   * fewer slices than a ring has slots, and of more than twice as many: 13 slices of 64 for the six
   * slots of small tiles, 9 for the four of large ones.
   */
  @ParameterizedTest
  @CsvSource({
    "1, 16, 1",
    "3, 816, 200",
    "65, 432, 72",
    "70, 832, 33",
    "200, 64, 24",
    "129, 528, 257",
    "130, 576, 390"
  })
  void tensorCoresAgreeWithTheReference(int rows, int depth, int columns) {
    CudaHarness.agree(MatmulInt8.class, DType.BF16, stored(rows, depth, columns, Activation.NONE));
    // So close that a wrong order of columns, or a step left out, could not hide in roundings.
    CudaHarness.agree(MatmulInt8.class, DType.F32, stored(rows, depth, columns, Activation.NONE));
  }

  /** One row, up to four, more; depths below, at and above a lane's and a warp's share. */
  @ParameterizedTest
  @CsvSource({"1, 1, 1", "3, 260, 40", "4, 129, 3", "5, 4, 9", "17, 515, 30", "8, 3, 64"})
  void anyDepthAgreesWithTheReference(int rows, int depth, int columns) {
    CudaHarness.agree(MatmulInt8.class, DType.F32, stored(rows, depth, columns, Activation.NONE));
    CudaHarness.agree(MatmulInt8.class, DType.F16, stored(rows, depth, columns, Activation.NONE));
  }

  @ParameterizedTest
  @EnumSource(Activation.class)
  void everyActivationIsAppliedInEveryPath(Activation activation) {
    for (DType dtype : new DType[] {DType.F32, DType.F16, DType.BF16}) {
      CudaHarness.agree(MatmulInt8.class, dtype, stored(9, 48, 24, activation));
      CudaHarness.agree(MatmulInt8.class, dtype, stored(9, 48, 23, activation));
      CudaHarness.agree(MatmulInt8.class, dtype, stored(9, 39, 24, activation));
    }
  }

  /** Frames that end inside a tile and inside the rows of a warp; no gate. */
  @ParameterizedTest
  @CsvSource({
    "BF16, 207, 144, 33, 9",
    "F16, 135, 528, 129, 5",
    "F32, 132, 272, 200, 3",
    "BF16, 520, 80, 510, 5",
    "F32, 39, 137, 29, 3",
    "BF16, 12, 48, 24, 0",
    "F16, 12, 47, 24, 0"
  })
  void sumsAreAddedToTheResidual(DType dtype, int rows, int depth, int columns, int frames) {
    CudaHarness.agree(MatmulInt8.class, dtype, added(rows, depth, columns, frames, true));
    CudaHarness.agree(MatmulInt8.class, dtype, added(rows, depth, columns, frames, false));
  }

  /** Rows that begin at any byte, and vectors at any element. */
  @ParameterizedTest
  @EnumSource(names = {"F32", "BF16"})
  void tensorsMayBeginAnywhere(DType dtype) {
    int rows = 5;
    int depth = 48;
    int columns = 16;
    for (int offset : new int[] {1, 4, 16}) {
      CudaHarness.agree(
          MatmulInt8.class,
          dtype,
          (matmul, inputs) -> {
            ScaledRows x = from(offset, inputs, 1, rows, depth);
            ScaledRows weight = from(offset, inputs, 2, columns, depth);
            Tensor bias = inputs.fp32(3, offset + columns).slice(offset, offset + columns);
            Tensor out =
                inputs
                    .output(offset + rows * columns)
                    .slice(offset, offset + rows * columns)
                    .reshape(rows, columns);
            matmul.run(x, weight, bias, new LinearEnd.Store(Activation.NONE, out));
            return out;
          });
    }
  }

  /** Tensor cores lose nothing: the bits of sums in int32, beyond what fp32 could add. */
  @ParameterizedTest
  @CsvSource({"1040, 80", "1040, 90"})
  void largestSumsAreExact(int depth, int capability) {
    if (!CudaTestDevice.supports(capability)) {
      return;
    }
    byte[] values = new byte[2 * depth];
    Arrays.fill(values, Byte.MIN_VALUE);
    values[0] = 1;
    values[depth] = Byte.MAX_VALUE;
    ScaledRows rows = Int8Rows.of(values, new float[] {1, 1}, depth);
    int rest = (depth - 1) * 128 * 128;
    float[] expected = {rest + 1, rest + 127, rest + 127, rest + 127 * 127};
    assertArrayEquals(expected, product(capability, rows, rows));
  }

  /** Few and many rows, small and large tiles sum in the same order, aligned or not. */
  @ParameterizedTest
  @CsvSource({"208, 80", "208, 90", "203, 80"})
  void rowOfALargeProductHasTheBitsOfTheProductOfThatRow(int depth, int capability) {
    if (!CudaTestDevice.supports(capability)) {
      return;
    }
    int rows = 260;
    int columns = 136;
    ScaledRows x = Int8Rows.random(1, rows, depth);
    ScaledRows weight = Int8Rows.random(2, columns, depth);
    float[] all = product(capability, x, weight);
    for (int first : new int[] {0, 1, 129, 257}) {
      int end = Math.min(rows, first + 3);
      assertArrayEquals(
          Arrays.copyOfRange(all, first * columns, end * columns),
          product(capability, Int8Rows.slice(x, first, end), weight));
    }
  }

  private static float[] product(int capability, ScaledRows x, ScaledRows weight) {
    return CudaHarness.onGpu(
        MatmulInt8.class,
        DType.F32,
        capability,
        (matmul, inputs) -> {
          Tensor out = inputs.output(x.values().size(0), weight.values().size(0));
          LinearEnd end = new LinearEnd.Store(Activation.NONE, out);
          matmul.run(moved(inputs, x), moved(inputs, weight), null, end);
          return out;
        });
  }

  private static ScaledRows moved(Inputs inputs, ScaledRows rows) {
    return new ScaledRows(inputs.moved(rows.values()), inputs.moved(rows.scales()));
  }

  /** Rows behind so many elements of other content. */
  private static ScaledRows from(int offset, Inputs inputs, long seed, int rows, int depth) {
    ScaledRows whole = Int8Rows.random(seed, 1, offset + rows * depth);
    Tensor values = inputs.moved(whole.values().reshape(offset + rows * depth));
    Tensor scales = inputs.fp32(seed, offset + rows);
    return new ScaledRows(
        values.slice(offset, offset + rows * depth).reshape(rows, depth),
        scales.slice(offset, offset + rows));
  }

  private static Case<MatmulInt8> stored(int rows, int depth, int columns, Activation activation) {
    return (matmul, inputs) -> {
      ScaledRows x = moved(inputs, Int8Rows.random(1, rows, depth));
      ScaledRows weight = moved(inputs, Int8Rows.random(2, columns, depth));
      Tensor out = inputs.output(rows, columns);
      matmul.run(x, weight, inputs.fp32(3, columns), new LinearEnd.Store(activation, out));
      return out;
    };
  }

  /**
   * @param frames of the gate; 0 for none
   */
  private static Case<MatmulInt8> added(
      int rows, int depth, int columns, int frames, boolean withBias) {
    return (matmul, inputs) -> {
      ScaledRows x = moved(inputs, Int8Rows.random(1, rows, depth));
      ScaledRows weight = moved(inputs, Int8Rows.random(2, columns, depth));
      Tensor bias = withBias ? inputs.fp32(3, columns) : null;
      Tensor gate = frames == 0 ? null : inputs.fp32(4, frames, columns);
      Tensor residual = inputs.activation(5, rows, columns);
      matmul.run(x, weight, bias, new LinearEnd.AddTo(gate, residual));
      return residual;
    };
  }
}
