package dev.orrery.kernels.linear;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.KernelHarness;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Float8;
import dev.orrery.kernels.tensor.Shape;
import dev.orrery.kernels.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class MatmulFp8Test {
  private static final byte ONE = Float8.encode(1);
  private static final byte NAN = 0x7f;

  /** Depths and columns at, below and above those of vectors, tiles and blocks. */
  @ParameterizedTest
  @CsvSource({
    "1, 1, 1",
    "13, 13, 13",
    "207, 207, 207",
    "12, 768, 32",
    "11, 767, 31",
    "13, 1537, 129",
    "39, 1920, 65",
    "1, 1664, 300"
  })
  void agreesWithTheReference(int rows, int depth, int columns) {
    checkStore(rows, depth, columns, Activation.NONE, false);
    checkStore(rows, depth, columns, Activation.NONE, true);
    checkAddTo(rows, depth, columns, 0, true);
    checkAddTo(rows, depth, columns, rows % 3 == 0 ? 3 : 1, false);
  }

  @ParameterizedTest
  @EnumSource(Activation.class)
  void appliesEveryActivationOnce(Activation activation) {
    checkStore(29, 1600, 45, activation, true);
  }

  /** Known values in whole vectors and in what is left: 254 codes of each operand. */
  @Test
  void everyCodeStandsForItsValue() {
    int depth = 254;
    byte[] codes = new byte[depth];
    float[] expected = new float[depth];
    byte[] identity = new byte[depth * depth];
    for (int k = 0; k < depth; k++) {
      // All but the two that are NaN.
      codes[k] = (byte) (k < NAN ? k : k + 1);
      expected[k] = Float8.decode(codes[k]);
      identity[k * depth + k] = ONE;
    }
    float[] ones = new float[depth];
    Arrays.fill(ones, 1);
    ScaledRows all = Fp8Rows.of(codes, new float[] {1}, depth);
    ScaledRows unit = Fp8Rows.of(identity, ones, depth);
    for (CpuBackend backend : backends()) {
      assertArrayEquals(expected, store(backend, unit, all, null), 0, backend.name());
    }
    for (CpuBackend backend : backends()) {
      assertArrayEquals(expected, store(backend, all, unit, null), 0, backend.name());
    }
  }

  /** The largest sum that 1536 products can have is far from what overflows. */
  @Test
  void largestValuesDoNotOverflow() {
    int depth = 1536;
    byte[] codes = new byte[depth];
    Arrays.fill(codes, Float8.encode(Float8.MAX));
    ScaledRows x = Fp8Rows.of(codes, new float[] {1}, depth);
    ScaledRows weight = Fp8Rows.of(codes, new float[] {-1}, depth);
    for (CpuBackend backend : backends()) {
      // 448^2 = 49 * 2^12, and 49 * 1536 is no longer than a mantissa: every partial sum is exact.
      assertArrayEquals(new float[] {-448f * 448 * depth}, store(backend, x, weight, null));
    }
  }

  /** (1 * 3 + 2 * 4) * 0.5 * 4 + 10 = 32 and (1 * 5 + 2 * 6) * 0.5 * 8 + 20 = 88; 100 + 2 * 32. */
  @Test
  void scalesBiasAndGateAreAppliedInTurn() {
    ScaledRows x = rows(new float[] {1, 2}, 0.5f);
    ScaledRows weight = rows(new float[] {3, 4, 5, 6}, 4, 8);
    Tensor bias = Tensor.of(new float[] {10, 20}, 2);
    Tensor gate = Tensor.of(new float[] {2, -1}, 1, 2);
    for (CpuBackend backend : backends()) {
      assertArrayEquals(new float[] {32, 88}, store(backend, x, weight, bias));
    }
    for (CpuBackend backend : backends()) {
      try (backend) {
        MatmulFp8 matmul = backend.kernel(MatmulFp8.class);
        Tensor residual = Tensor.of(new float[] {100, 200}, 1, 2);
        matmul.run(x, weight, bias, new LinearEnd.AddTo(gate, residual));
        assertArrayEquals(new float[] {164, 112}, residual.toFloats(), backend.name());
        matmul.run(x, weight, null, new LinearEnd.AddTo(null, residual));
        assertArrayEquals(new float[] {186, 180}, residual.toFloats(), backend.name());
      }
    }
  }

  /** A scale of zero leaves the bias; NaN in a scale or a value stays in its row or column. */
  @Test
  void zeroScalesGiveTheBiasAndNanStaysWhereItIs() {
    int depth = 40;
    byte[] xs = new byte[4 * depth];
    Arrays.fill(xs, ONE);
    xs[3 * depth + 7] = NAN;
    ScaledRows x = Fp8Rows.of(xs, new float[] {1, 0, Float.NaN, 1}, depth);
    byte[] weights = new byte[3 * depth];
    Arrays.fill(weights, ONE);
    weights[2 * depth + 39] = (byte) (NAN | 0x80);
    ScaledRows weight = Fp8Rows.of(weights, new float[] {1, 0, 1}, depth);
    Tensor bias = Tensor.of(new float[] {2, 3, 4}, 3);
    float nan = Float.NaN;
    float[] expected = {42, 3, nan, 2, 3, nan, nan, nan, nan, nan, nan, nan};
    for (CpuBackend backend : backends()) {
      assertArrayEquals(expected, store(backend, x, weight, bias), 0, backend.name());
    }
  }

  @Test
  void rowOfALargeProductHasTheBitsOfTheProductOfThatRow() {
    int rows = 207;
    int columns = 97;
    ScaledRows x = Fp8Rows.normal(1, rows, 1700);
    ScaledRows weight = Fp8Rows.normal(2, columns, 1700);
    float[] all = store(CpuBackend.simd(2), x, weight, null);
    for (int row : new int[] {0, 1, 11, 12, 100, 206}) {
      float[] one = store(CpuBackend.simd(2), Fp8Rows.slice(x, row, row + 1), weight, null);
      assertArrayEquals(Arrays.copyOfRange(all, row * columns, (row + 1) * columns), one);
    }
    int column = 33;
    float[] right = store(CpuBackend.simd(2), x, Fp8Rows.slice(weight, column, columns), null);
    for (int row = 0; row < rows; row++) {
      for (int n = column; n < columns; n++) {
        assertEquals(all[row * columns + n], right[row * (columns - column) + n - column]);
      }
    }
  }

  /**
   * On normal deviates the product is off by what rounding both operands must cost: errors spread
   * evenly over the gaps of the type have the variance gap^2 / 12.
   */
  @Test
  void errorIsThatOfRoundingToThreeBitsOfMantissa() {
    int rows = 40;
    int depth = 1536;
    int columns = 60;
    Tensor x = KernelHarness.normal(1, rows, depth);
    Tensor weight = KernelHarness.normal(2, columns, depth);
    float[] exact =
        KernelHarness.compute(
            CpuBackend.reference(2),
            Matmul.class,
            (matmul, out) -> matmul.run(x, weight, null, Activation.NONE, out),
            rows,
            columns);
    ScaledRows xRounded = Fp8Rows.quantize(x.toFloats(), rows, depth);
    ScaledRows weightRounded = Fp8Rows.quantize(weight.toFloats(), columns, depth);
    double expected = Math.sqrt(squaredError(x) + squaredError(weight));
    for (CpuBackend backend : backends()) {
      float[] found = store(backend, xRounded, weightRounded, null);
      double error = 0;
      double norm = 0;
      for (int i = 0; i < exact.length; i++) {
        error += Math.pow(found[i] - (double) exact[i], 2);
        norm += Math.pow(exact[i], 2);
      }
      double relative = Math.sqrt(error / norm);
      assertTrue(
          relative < 1.2 * expected && relative > expected / 1.2,
          "error " + relative + ", expected " + expected);
    }
  }

  /** The variance of a matrix's rounding errors beside its values'. */
  private static double squaredError(Tensor matrix) {
    float[] values = matrix.toFloats();
    int columns = matrix.size(1);
    double error = 0;
    double norm = 0;
    for (int i = 0; i < values.length; i++) {
      float scale = Fp8Rows.scale(values, i / columns, columns);
      // Eight steps from a power of two to the next; below 2^-6 as far apart as above it.
      int exponent = Math.max(-6, Math.getExponent(values[i] / scale));
      double gap = Math.scalb(scale, exponent - 3);
      error += gap * gap / 12;
      norm += (double) values[i] * values[i];
    }
    return error / norm;
  }

  @Test
  void refusesWhatDoesNotFit() {
    ScaledRows x = Fp8Rows.normal(1, 4, 5);
    ScaledRows weight = Fp8Rows.normal(2, 3, 5);
    Tensor out = KernelHarness.normal(3, 4, 3);
    LinearEnd store = new LinearEnd.Store(Activation.NONE, out);
    try (CpuBackend backend = CpuBackend.simd(1)) {
      MatmulFp8 matmul = backend.kernel(MatmulFp8.class);
      ScaledRows deeper = Fp8Rows.normal(1, 3, 6);
      refused("weight: expected", () -> matmul.run(x, deeper, null, store));
      refused("bias: expected", () -> matmul.run(x, weight, out, store));
      refused("out: expected", () -> matmul.run(weight, weight, null, store));
      Tensor half = KernelHarness.normal(3, DType.F16, 4, 3);
      refused(
          "out: expected F32",
          () -> matmul.run(x, weight, null, new LinearEnd.Store(Activation.NONE, half)));
      Tensor threeFrames = KernelHarness.normal(4, 3, 3);
      refused(
          "tokens of x: expected",
          () -> matmul.run(x, weight, null, new LinearEnd.AddTo(threeFrames, out)));
      MemorySegment bytes = MemorySegment.ofArray(new byte[20]);
      Tensor integers = Tensor.host(DType.I8, Shape.of(4, 5), bytes);
      ScaledRows int8 = new ScaledRows(integers, x.scales());
      refused("x: expected F8_E4M3", () -> matmul.run(int8, weight, null, store));
    }
  }

  private static void refused(String message, Runnable call) {
    IllegalArgumentException e = assertThrows(IllegalArgumentException.class, call::run);
    assertTrue(e.getMessage().startsWith(message), e.getMessage());
  }

  private static CpuBackend[] backends() {
    return new CpuBackend[] {CpuBackend.reference(1), CpuBackend.simd(1)};
  }

  /** Rows of values that the type has. */
  private static ScaledRows rows(float[] values, float... scales) {
    byte[] codes = new byte[values.length];
    for (int i = 0; i < codes.length; i++) {
      codes[i] = Float8.encode(values[i]);
    }
    return Fp8Rows.of(codes, scales, values.length / scales.length);
  }

  private static float[] store(CpuBackend backend, ScaledRows x, ScaledRows weight, Tensor bias) {
    return KernelHarness.compute(
        backend,
        MatmulFp8.class,
        (matmul, out) -> matmul.run(x, weight, bias, new LinearEnd.Store(Activation.NONE, out)),
        x.values().size(0),
        weight.values().size(0));
  }

  private static void checkStore(
      int rows, int depth, int columns, Activation activation, boolean withBias) {
    ScaledRows x = Fp8Rows.normal(1, rows, depth);
    ScaledRows weight = Fp8Rows.normal(2, columns, depth);
    Tensor bias = withBias ? KernelHarness.normal(3, DType.BF16, columns) : null;
    KernelHarness.agree(
        MatmulFp8.class,
        (matmul, out) -> matmul.run(x, weight, bias, new LinearEnd.Store(activation, out)),
        rows,
        columns);
  }

  /**
   * @param frames of the gate; 0 for none
   */
  private static void checkAddTo(int rows, int depth, int columns, int frames, boolean withBias) {
    ScaledRows x = Fp8Rows.normal(1, rows, depth);
    ScaledRows weight = Fp8Rows.normal(2, columns, depth);
    Tensor bias = withBias ? KernelHarness.normal(3, columns) : null;
    Tensor gate = frames == 0 ? null : KernelHarness.normal(4, frames, columns);
    Tensor before = KernelHarness.normal(5, rows, columns);
    KernelHarness.agree(
        MatmulFp8.class,
        (matmul, out) -> {
          MemorySegment.copy(before.segment(), 0, out.segment(), 0, out.byteSize());
          matmul.run(x, weight, bias, new LinearEnd.AddTo(gate, out));
        },
        rows,
        columns);
  }
}
