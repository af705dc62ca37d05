package dev.orrery.kernels.linear;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.KernelHarness;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Shape;
import dev.orrery.kernels.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class MatmulInt8Test {
  private static final LinearEnd NOWHERE = store(KernelHarness.normal(3, 4, 3));

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

  /** The largest sums of a depth, and such as only the right product changes. */
  @Test
  void largestSumsAreRight() {
    int depth = 2049;
    byte[] lowest = new byte[depth];
    Arrays.fill(lowest, Byte.MIN_VALUE);
    byte[] one = lowest.clone();
    one[depth - 1] = 1;
    byte[] values = new byte[2 * depth];
    System.arraycopy(lowest, 0, values, 0, depth);
    Arrays.fill(values, depth, 2 * depth, Byte.MAX_VALUE);
    ScaledRows x = Int8Rows.of(values, new float[] {1, 1}, depth);
    ScaledRows weight = Int8Rows.of(join(lowest, one), new float[] {1, 1}, depth);
    float[] expected = {2049 * 16384, 2048 * 16384 - 128, -2049 * 16256, -2048 * 16256 + 127};
    for (CpuBackend backend : backends()) {
      assertArrayEquals(expected, store(backend, x, weight, null), backend.name());
    }
  }

  private static byte[] join(byte[] a, byte[] b) {
    byte[] both = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, both, a.length, b.length);
    return both;
  }

  /** Sums over one block of K are not rounded before they are scaled. */
  @ParameterizedTest
  @CsvSource({"5, 207, 40", "14, 767, 33", "30, 768, 70"})
  void sumsOverABlockHaveTheBitsOfTheReference(int rows, int depth, int columns) {
    ScaledRows x = Int8Rows.random(1, rows, depth);
    ScaledRows weight = Int8Rows.random(2, columns, depth);
    float[] expected = store(CpuBackend.reference(1), x, weight, null);
    assertArrayEquals(expected, store(CpuBackend.simd(2), x, weight, null));
  }

  /** (1 * 3 + 2 * 4) * 0.5 * 4 + 10 = 32 and (1 * 5 + 2 * 6) * 0.5 * 8 + 20 = 88; 100 + 2 * 32. */
  @Test
  void scalesBiasAndGateAreAppliedInTurn() {
    ScaledRows x = Int8Rows.of(new byte[] {1, 2}, new float[] {0.5f}, 2);
    ScaledRows weight = Int8Rows.of(new byte[] {3, 4, 5, 6}, new float[] {4, 8}, 2);
    Tensor bias = Tensor.of(new float[] {10, 20}, 2);
    Tensor gate = Tensor.of(new float[] {2, -1}, 1, 2);
    for (CpuBackend backend : backends()) {
      assertArrayEquals(new float[] {32, 88}, store(backend, x, weight, bias));
    }
    for (CpuBackend backend : backends()) {
      try (backend) {
        MatmulInt8 matmul = backend.kernel(MatmulInt8.class);
        Tensor residual = Tensor.of(new float[] {100, 200}, 1, 2);
        matmul.run(x, weight, bias, new LinearEnd.AddTo(gate, residual));
        assertArrayEquals(new float[] {164, 112}, residual.toFloats(), backend.name());
        matmul.run(x, weight, null, new LinearEnd.AddTo(null, residual));
        assertArrayEquals(new float[] {186, 180}, residual.toFloats(), backend.name());
      }
    }
  }

  /** A scale of zero leaves the bias; NaN in a scale stays in its row or column. */
  @Test
  void zeroScalesGiveTheBiasAndNanStaysWhereItIs() {
    int depth = 40;
    byte[] ones = new byte[3 * depth];
    Arrays.fill(ones, (byte) 1);
    float nan = Float.NaN;
    ScaledRows x = Int8Rows.of(ones, new float[] {1, 0, nan}, depth);
    ScaledRows weight = Int8Rows.of(ones, new float[] {1, 0, nan}, depth);
    Tensor bias = Tensor.of(new float[] {2, 3, 4}, 3);
    float[] expected = {42, 3, nan, 2, 3, nan, nan, nan, nan};
    for (CpuBackend backend : backends()) {
      assertArrayEquals(expected, store(backend, x, weight, bias), 0, backend.name());
    }
  }

  @Test
  void rowOfALargeProductHasTheBitsOfTheProductOfThatRow() {
    int rows = 207;
    int columns = 97;
    ScaledRows x = Int8Rows.random(1, rows, 1700);
    ScaledRows weight = Int8Rows.random(2, columns, 1700);
    float[] all = store(CpuBackend.simd(2), x, weight, null);
    for (int row : new int[] {0, 1, 11, 12, 100, 206}) {
      float[] one = store(CpuBackend.simd(2), Int8Rows.slice(x, row, row + 1), weight, null);
      assertArrayEquals(Arrays.copyOfRange(all, row * columns, (row + 1) * columns), one);
    }
    int column = 33;
    float[] right = store(CpuBackend.simd(2), x, Int8Rows.slice(weight, column, columns), null);
    for (int row = 0; row < rows; row++) {
      for (int n = column; n < columns; n++) {
        assertEquals(all[row * columns + n], right[row * (columns - column) + n - column]);
      }
    }
  }

  /**
   * On normal deviates the product is off by what rounding both operands must cost: errors spread
   * evenly over steps of a scale have the variance scale^2 / 12.
   */
  @Test
  void errorIsThatOfRoundingToEightBits() {
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
    ScaledRows xRounded = Int8Rows.quantize(x);
    ScaledRows weightRounded = Int8Rows.quantize(weight);
    double expected = Math.sqrt(squaredError(x, xRounded) + squaredError(weight, weightRounded));
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
  private static double squaredError(Tensor matrix, ScaledRows rounded) {
    float[] scales = rounded.scales().toFloats();
    double error = 0;
    for (float scale : scales) {
      error += (double) scale * scale / 12 * matrix.size(1);
    }
    double norm = 0;
    for (float value : matrix.toFloats()) {
      norm += (double) value * value;
    }
    return error / norm;
  }

  @Test
  void refusesWhatDoesNotFit() {
    ScaledRows x = Int8Rows.random(1, 4, 5);
    ScaledRows weight = Int8Rows.random(2, 3, 5);
    try (CpuBackend backend = CpuBackend.simd(1)) {
      MatmulInt8 matmul = backend.kernel(MatmulInt8.class);
      refused("weight: expected", () -> matmul.run(x, Int8Rows.random(1, 3, 6), null, NOWHERE));
      refused("out: expected", () -> matmul.run(weight, weight, null, NOWHERE));
      Tensor four = KernelHarness.normal(3, 4);
      refused("bias: expected", () -> matmul.run(x, weight, four, NOWHERE));
      LinearEnd half = store(KernelHarness.normal(3, DType.F16, 4, 3));
      refused("out: expected F32", () -> matmul.run(x, weight, null, half));
      Tensor threeFrames = KernelHarness.normal(4, 3, 3);
      LinearEnd gated = new LinearEnd.AddTo(threeFrames, NOWHERE.target());
      refused("tokens of x: expected", () -> matmul.run(x, weight, null, gated));
      Tensor codes =
          Tensor.host(DType.F8_E4M3, Shape.of(4, 5), MemorySegment.ofArray(new byte[20]));
      ScaledRows fp8 = new ScaledRows(codes, x.scales());
      refused("x: expected I8", () -> matmul.run(fp8, weight, null, NOWHERE));
      ScaledRows deep = Int8Rows.random(1, 1, MatmulInt8.MOST_DEPTH + 1);
      LinearEnd one = store(KernelHarness.normal(3, 1, 1));
      refused("x: expected at most 131071 columns", () -> matmul.run(deep, deep, null, one));
    }
  }

  private static void refused(String message, Runnable call) {
    IllegalArgumentException e = assertThrows(IllegalArgumentException.class, call::run);
    assertTrue(e.getMessage().startsWith(message), e.getMessage());
  }

  private static CpuBackend[] backends() {
    return new CpuBackend[] {CpuBackend.reference(1), CpuBackend.simd(1)};
  }

  private static LinearEnd store(Tensor out) {
    return new LinearEnd.Store(Activation.NONE, out);
  }

  private static float[] store(CpuBackend backend, ScaledRows x, ScaledRows weight, Tensor bias) {
    return KernelHarness.compute(
        backend,
        MatmulInt8.class,
        (matmul, out) -> matmul.run(x, weight, bias, store(out)),
        x.values().size(0),
        weight.values().size(0));
  }

  private static void checkStore(
      int rows, int depth, int columns, Activation activation, boolean withBias) {
    ScaledRows x = Int8Rows.random(1, rows, depth);
    ScaledRows weight = Int8Rows.random(2, columns, depth);
    Tensor bias = withBias ? KernelHarness.normal(3, DType.BF16, columns) : null;
    KernelHarness.agree(
        MatmulInt8.class,
        (matmul, out) -> matmul.run(x, weight, bias, new LinearEnd.Store(activation, out)),
        rows,
        columns);
  }

  /**
   * @param frames of the gate; 0 for none
   */
  private static void checkAddTo(int rows, int depth, int columns, int frames, boolean withBias) {
    ScaledRows x = Int8Rows.random(1, rows, depth);
    ScaledRows weight = Int8Rows.random(2, columns, depth);
    Tensor bias = withBias ? KernelHarness.normal(3, columns) : null;
    Tensor gate = frames == 0 ? null : KernelHarness.normal(4, frames, columns);
    Tensor before = KernelHarness.normal(5, rows, columns);
    KernelHarness.agree(
        MatmulInt8.class,
        (matmul, out) -> {
          MemorySegment.copy(before.segment(), 0, out.segment(), 0, out.byteSize());
          matmul.run(x, weight, bias, new LinearEnd.AddTo(gate, out));
        },
        rows,
        columns);
  }
}
