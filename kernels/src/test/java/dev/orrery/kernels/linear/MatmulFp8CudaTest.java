package dev.orrery.kernels.linear;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.orrery.kernels.cuda.CudaHarness;
import dev.orrery.kernels.cuda.CudaHarness.Case;
import dev.orrery.kernels.cuda.CudaHarness.Inputs;
import dev.orrery.kernels.cuda.CudaTestDevice;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Float8;
import dev.orrery.kernels.tensor.Tensor;
import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The emulated GPU has four multiprocessors: four tiles of 128 x 128 make it choose that tile. */
class MatmulFp8CudaTest {
  private static final byte NAN = 0x7f;

  /**
   * Products of one element, of one column more than a tile, of a depth that ends inside a slot, of
   * fewer slices than a ring has slots, and of more than twice as many: 13 slices of 64 for the six
   * slots of small tiles, 9 for the four of large ones. Hopper's six get 2 x 7 slices of 128.
   */
  @ParameterizedTest
  @CsvSource({
    "1, 16, 1",
    "3, 816, 200",
    "65, 432, 72",
    "70, 832, 33",
    "200, 64, 24",
    "600, 816, 120",
    "129, 528, 257",
    "130, 576, 390"
  })
  void tensorCoresAgreeWithTheReference(int rows, int depth, int columns) {
    CudaHarness.agree(MatmulFp8.class, DType.BF16, stored(rows, depth, columns, Activation.NONE));
    // So close that a wrong order of columns, or a step left out, could not hide in roundings.
    CudaHarness.agree(MatmulFp8.class, DType.F32, stored(rows, depth, columns, Activation.NONE));
  }

  /** One row, up to four, more; depths below, at and above a lane's and a warp's share. */
  @ParameterizedTest
  @CsvSource({"1, 1, 1", "3, 260, 40", "4, 129, 3", "5, 4, 9", "17, 515, 30", "8, 3, 64"})
  void anyDepthAgreesWithTheReference(int rows, int depth, int columns) {
    CudaHarness.agree(MatmulFp8.class, DType.F32, stored(rows, depth, columns, Activation.NONE));
    CudaHarness.agree(MatmulFp8.class, DType.F16, stored(rows, depth, columns, Activation.NONE));
  }

  @ParameterizedTest
  @EnumSource(Activation.class)
  void everyActivationIsAppliedInEveryPath(Activation activation) {
    for (DType dtype : new DType[] {DType.F32, DType.F16, DType.BF16}) {
      CudaHarness.agree(MatmulFp8.class, dtype, stored(9, 48, 24, activation));
      CudaHarness.agree(MatmulFp8.class, dtype, stored(9, 48, 23, activation));
      CudaHarness.agree(MatmulFp8.class, dtype, stored(9, 39, 24, activation));
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
    CudaHarness.agree(MatmulFp8.class, dtype, added(rows, depth, columns, frames, true));
    CudaHarness.agree(MatmulFp8.class, dtype, added(rows, depth, columns, frames, false));
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
          MatmulFp8.class,
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

  /**
   * Known values, in all places of a word and in both operands: 254 codes, and two that are NaN.
   */
  @ParameterizedTest
  @CsvSource({"256, F32, 80", "256, BF16, 90", "257, F32, 80"})
  void everyCodeStandsForItsValue(int depth, DType dtype, int capability) {
    if (!CudaTestDevice.supports(capability)) {
      return;
    }
    byte[] codes = new byte[depth];
    byte[] identity = new byte[depth * depth];
    float[] ones = new float[depth];
    Arrays.fill(ones, 1);
    float[] expected = new float[depth];
    for (int k = 0; k < depth; k++) {
      codes[k] = (k & NAN) == NAN ? 0 : (byte) k;
      // Sums begin at a zero without sign.
      expected[k] = 0 + Float8.decode(codes[k]);
      identity[k * depth + k] = Float8.encode(1);
    }
    ScaledRows all = Fp8Rows.of(codes, new float[] {1}, depth);
    ScaledRows unit = Fp8Rows.of(identity, ones, depth);
    assertArrayEquals(expected, product(dtype, capability, unit, all));
    assertArrayEquals(expected, product(dtype, capability, all, unit));
    for (int k = 0; k < 4; k++) {
      codes[k] = (byte) (k % 2 == 0 ? NAN : 0x80 | NAN);
      ScaledRows withNan = Fp8Rows.of(codes, new float[] {1}, depth);
      float[] nans = new float[depth];
      Arrays.fill(nans, Float.NaN);
      assertArrayEquals(nans, product(dtype, capability, unit, withNan));
      assertArrayEquals(nans, product(dtype, capability, withNan, unit));
      codes[k] = 0;
    }
  }

  /** Few and many rows, small and large tiles sum in the same order, aligned or not. */
  @ParameterizedTest
  @CsvSource({"208, F32, 80", "208, BF16, 90", "203, F32, 80"})
  void rowOfALargeProductHasTheBitsOfTheProductOfThatRow(int depth, DType dtype, int capability) {
    if (!CudaTestDevice.supports(capability)) {
      return;
    }
    int rows = 260;
    int columns = 136;
    ScaledRows x = Fp8Rows.normal(1, rows, depth);
    ScaledRows weight = Fp8Rows.normal(2, columns, depth);
    float[] all = product(dtype, capability, x, weight);
    for (int first : new int[] {0, 1, 129, 257}) {
      int end = Math.min(rows, first + 3);
      assertArrayEquals(
          Arrays.copyOfRange(all, first * columns, end * columns),
          product(dtype, capability, Fp8Rows.slice(x, first, end), weight));
    }
  }

  private static float[] product(DType dtype, int capability, ScaledRows x, ScaledRows weight) {
    return CudaHarness.onGpu(
        MatmulFp8.class,
        dtype,
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
    ScaledRows whole = Fp8Rows.normal(seed, 1, offset + rows * depth);
    Tensor values = inputs.moved(whole.values().reshape(offset + rows * depth));
    Tensor scales = inputs.fp32(seed, offset + rows);
    return new ScaledRows(
        values.slice(offset, offset + rows * depth).reshape(rows, depth),
        scales.slice(offset, offset + rows));
  }

  private static Case<MatmulFp8> stored(int rows, int depth, int columns, Activation activation) {
    return (matmul, inputs) -> {
      ScaledRows x = moved(inputs, Fp8Rows.normal(1, rows, depth));
      ScaledRows weight = moved(inputs, Fp8Rows.normal(2, columns, depth));
      Tensor out = inputs.output(rows, columns);
      matmul.run(x, weight, inputs.fp32(3, columns), new LinearEnd.Store(activation, out));
      return out;
    };
  }

  /**
   * @param frames of the gate; 0 for none
   */
  private static Case<MatmulFp8> added(
      int rows, int depth, int columns, int frames, boolean withBias) {
    return (matmul, inputs) -> {
      ScaledRows x = moved(inputs, Fp8Rows.normal(1, rows, depth));
      ScaledRows weight = moved(inputs, Fp8Rows.normal(2, columns, depth));
      Tensor bias = withBias ? inputs.fp32(3, columns) : null;
      Tensor gate = frames == 0 ? null : inputs.fp32(4, frames, columns);
      Tensor residual = inputs.activation(5, rows, columns);
      matmul.run(x, weight, bias, new LinearEnd.AddTo(gate, residual));
      return residual;
    };
  }
}
