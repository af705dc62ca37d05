package dev.orrery.kernels.linear.quantized;

import static dev.orrery.kernels.KernelHarness.refused;
import static dev.orrery.kernels.linear.quantized.LinearHarness.backends;
import static dev.orrery.kernels.linear.quantized.LinearHarness.checkAddTo;
import static dev.orrery.kernels.linear.quantized.LinearHarness.checkError;
import static dev.orrery.kernels.linear.quantized.LinearHarness.checkStore;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.KernelHarness;
import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.linear.Epilogue;
import dev.orrery.kernels.linear.quantized.LinearHarness.Product;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class MatmulInt4Test {
  /** Groups of one unit, of the usual sizes, of a whole row, and such as end inside a block. */
  @ParameterizedTest
  @CsvSource({
    "1, 32, 1, 32",
    "13, 64, 13, 32",
    "207, 192, 207, 64",
    "12, 768, 32, 128",
    "14, 3104, 33, 32",
    "11, 800, 31, 800",
    "13, 1536, 129, 64",
    "39, 1920, 65, 320",
    "1, 1664, 300, 128"
  })
  void agreesWithTheReference(int rows, int depth, int columns, int group) {
    Product<MatmulInt4> product = product(rows, depth, columns, group);
    for (Activation activation : new Activation[] {Activation.NONE, Activation.GELU_TANH}) {
      checkStore(MatmulInt4.class, product, rows, columns, activation, false);
      checkStore(MatmulInt4.class, product, rows, columns, activation, true);
    }
    checkAddTo(MatmulInt4.class, product, rows, columns, 0, true);
    checkAddTo(MatmulInt4.class, product, rows, columns, rows % 3 == 0 ? 3 : 1, false);
  }

  @ParameterizedTest
  @EnumSource(Activation.class)
  void appliesEveryActivationOnce(Activation activation) {
    checkStore(MatmulInt4.class, product(29, 1600, 45, 64), 29, 45, activation, true);
  }

  /** Every q in both halves of a byte, and two groups with scales of their own. */
  @Test
  void everyFourBitsStandForTheirValue() {
    int depth = 64;
    byte[] q = new byte[depth];
    for (int k = 0; k < depth; k++) {
      q[k] = (byte) (k < 32 ? k / 2 : 15 - k % 16);
    }
    GroupedInt4 weight = Int4Weights.of(q, new float[] {0.5f, -4}, 1, depth, 32);
    float[] identity = new float[depth * depth];
    float[] expected = new float[depth];
    for (int k = 0; k < depth; k++) {
      identity[k * depth + k] = 1;
      expected[k] = (k < 32 ? 0.5f : -4) * (q[k] - 8) + 1;
    }
    Tensor x = Tensor.of(identity, depth, depth);
    Tensor bias = Tensor.of(new float[] {1}, 1);
    for (CpuBackend backend : backends()) {
      float[] found = store(backend, x, weight, bias);
      assertArrayEquals(expected, found, backend.name());
    }
  }

  /**
   * 32 products of 2 and 1.5, and a bias of 4, are 100; doubled and taken from 10 they are -190.
   */
  @Test
  void gatesTheProductAndItsBias() {
    byte[] q = new byte[32];
    Arrays.fill(q, (byte) 11);
    GroupedInt4 weight = Int4Weights.of(q, new float[] {0.5f}, 1, 32, 32);
    float[] twos = new float[32];
    Arrays.fill(twos, 2);
    Tensor x = Tensor.of(twos, 1, 32);
    Tensor bias = Tensor.of(new float[] {4}, 1);
    Tensor gate = Tensor.of(new float[] {-2}, 1, 1);
    for (CpuBackend backend : backends()) {
      try (backend) {
        Tensor residual = Tensor.of(new float[] {10}, 1, 1);
        MatmulInt4 matmul = backend.kernel(MatmulInt4.class);
        matmul.run(x, weight, bias, new Epilogue.AddTo(gate, residual));
        assertArrayEquals(new float[] {-190}, residual.toFloats(), backend.name());
        matmul.run(x, weight, null, new Epilogue.AddTo(null, residual));
        assertArrayEquals(new float[] {-94}, residual.toFloats(), backend.name());
      }
    }
  }

  /** A group whose weights are all zero may have any q and the scale 0; NaN reaches its row. */
  @Test
  void zeroScalesGiveZerosAndNanStaysInItsRow() {
    byte[] q = new byte[2 * 64];
    Arrays.fill(q, (byte) 3);
    GroupedInt4 weight = Int4Weights.of(q, new float[] {0, 0, 0, 1}, 2, 64, 32);
    float[] values = new float[2 * 64];
    Arrays.fill(values, 0, 64, 1);
    values[64 + 5] = Float.NaN;
    Tensor x = Tensor.of(values, 2, 64);
    for (CpuBackend backend : backends()) {
      float[] found = store(backend, x, weight, null);
      assertArrayEquals(new float[] {0, -160, Float.NaN, Float.NaN}, found, 0, backend.name());
    }
  }

  @Test
  void rowOfALargeProductHasTheBitsOfTheProductOfThatRow() {
    int rows = 207;
    int columns = 97;
    Tensor x = KernelHarness.normal(1, rows, 1664);
    GroupedInt4 weight = Int4Weights.normal(2, columns, 1664, 128);
    float[] all = simd(x, weight);
    for (int row : new int[] {0, 1, 11, 12, 100, 206}) {
      float[] one = simd(x.slice(row, row + 1), weight);
      assertArrayEquals(Arrays.copyOfRange(all, row * columns, (row + 1) * columns), one);
    }
    int column = 33;
    GroupedInt4 some =
        new GroupedInt4(
            weight.packed().slice(column, columns), weight.scales().slice(column, columns));
    float[] right = simd(x, some);
    for (int row = 0; row < rows; row++) {
      for (int n = column; n < columns; n++) {
        assertEquals(all[row * columns + n], right[row * (columns - column) + n - column]);
      }
    }
  }

  /**
   * On normal deviates the product is off by what rounding to steps of a group's largest magnitude
   * / 7 must cost: a step / sqrt(12), with the expectation of the largest square among G deviates.
   */
  @ParameterizedTest
  @CsvSource({"32", "64", "128"})
  void errorIsThatOfRoundingToFourBits(int group) {
    int rows = 40;
    int depth = 1536;
    int columns = 60;
    Tensor x = KernelHarness.normal(1, rows, depth);
    Tensor weight = KernelHarness.normal(2, columns, depth);
    GroupedInt4 quantized = Int4Weights.quantize(weight.toFloats(), columns, depth, group);
    for (CpuBackend backend : backends()) {
      float[] found = store(backend, x, quantized, null);
      double expected = Math.sqrt(largestSquare(group) / 12) / Int4Weights.LIMIT;
      checkError(backend.name(), x, weight, found, expected);
    }
  }

  @Test
  void refusesShapesThatDoNotFit() {
    GroupedInt4 weight = Int4Weights.normal(1, 3, 64, 32);
    Tensor x = KernelHarness.normal(1, 4, 64);
    Tensor out = KernelHarness.normal(1, 4, 3);
    Epilogue store = new Epilogue.Store(Activation.NONE, out);
    try (CpuBackend backend = CpuBackend.simd(1)) {
      MatmulInt4 matmul = backend.kernel(MatmulInt4.class);
      Tensor shorter = KernelHarness.normal(1, 4, 32);
      refused(
          "x: expected F32[4, 64], found F32[4, 32]",
          () -> matmul.run(shorter, weight, null, store));
      refused(
          "bias: expected F32, F16 or BF16 [3], found F32[4, 3]",
          () -> matmul.run(x, weight, out, store));
      Tensor half = KernelHarness.normal(1, DType.F16, 4, 3);
      refused(
          "out: expected F32, found F16[4, 3]",
          () -> matmul.run(x, weight, null, new Epilogue.Store(Activation.NONE, half)));
      refused(
          "out: expected F32[4, 3], found F32[4, 64]",
          () -> matmul.run(x, weight, null, new Epilogue.Store(Activation.NONE, x)));
      Tensor threeFrames = KernelHarness.normal(1, 3, 3);
      refused(
          "tokens of x: expected a multiple of frames of gate = 3, found 4",
          () -> matmul.run(x, weight, null, new Epilogue.AddTo(threeFrames, out)));
    }
  }

  @Test
  void refusesGroupsThatDoNotFit() {
    Tensor packed = Int4Weights.normal(1, 3, 96, 32).packed();
    refused(
        "columns of the weight: expected a multiple of groups = 5, found 96",
        () -> new GroupedInt4(packed, KernelHarness.normal(1, 3, 5)));
    refused(
        "group of the weight: expected a multiple of unit = 32, found 48",
        () -> new GroupedInt4(packed, KernelHarness.normal(1, 3, 2)));
    refused(
        "scales: expected F32[3, 3], found F32[2, 3]",
        () -> new GroupedInt4(packed, KernelHarness.normal(1, 2, 3)));
    refused(
        "packed: expected U8 of rank 2, found F32[3, 48]",
        () -> new GroupedInt4(KernelHarness.normal(1, 3, 48), KernelHarness.normal(1, 3, 3)));
  }

  /** The expectation of the largest square of n normal deviates: of 2 z P(some |deviate| > z). */
  private static double largestSquare(int n) {
    double step = 1e-3;
    double sum = 0;
    for (double z = step / 2; z < 10; z += step) {
      // GELU of y is y times the probability of a deviate below y.
      double within = 1 - 2 * Activation.GELU_ERF.apply(-z) / -z;
      sum += step * 2 * z * (1 - Math.pow(within, n));
    }
    return sum;
  }

  private static float[] simd(Tensor x, GroupedInt4 weight) {
    return KernelHarness.compute(
        CpuBackend.simd(2),
        MatmulInt4.class,
        (matmul, out) -> matmul.run(x, weight, null, new Epilogue.Store(Activation.SILU, out)),
        x.size(0),
        weight.rows());
  }

  private static float[] store(CpuBackend backend, Tensor x, GroupedInt4 weight, Tensor bias) {
    return KernelHarness.compute(
        backend,
        MatmulInt4.class,
        (matmul, out) -> matmul.run(x, weight, bias, new Epilogue.Store(Activation.NONE, out)),
        x.size(0),
        weight.rows());
  }

  private static Product<MatmulInt4> product(int rows, int depth, int columns, int group) {
    Tensor x = KernelHarness.normal(1, rows, depth);
    GroupedInt4 weight = Int4Weights.normal(2, columns, depth, group);
    return (matmul, bias, epilogue) -> matmul.run(x, weight, bias, epilogue);
  }
}
