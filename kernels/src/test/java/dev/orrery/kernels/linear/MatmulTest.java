package dev.orrery.kernels.linear;

import static dev.orrery.kernels.KernelHarness.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.KernelHarness;
import dev.orrery.kernels.cpu.FewRowsTile;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class MatmulTest {
  @ParameterizedTest
  @CsvSource({
    "1, 1, 1",
    "13, 13, 13",
    "207, 207, 207",
    "12, 768, 32",
    "13, 769, 33",
    "11, 767, 31",
    "12, 1536, 128",
    "13, 1537, 129",
    "3, 768, 192",
    "72, 192, 768",
    "72, 768, 192",
    "1, 1536, 300",
    "500, 40, 17",
    "2, 2000, 600",
    "25, 3072, 40",
    "14, 3073, 33"
  })
  void agreesWithTheReference(int rows, int depth, int columns) {
    check(DType.F32, rows, depth, columns, Activation.NONE, false);
    check(DType.F32, rows, depth, columns, Activation.NONE, true);
  }

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"F32", "F16", "BF16"})
  void acceptsEveryWeightType(DType dtype) {
    check(dtype, 72, 207, 207, Activation.NONE, true);
    check(dtype, 5, 900, 13, Activation.NONE, true);
  }

  @ParameterizedTest
  @EnumSource(Activation.class)
  void appliesEveryActivationOnce(Activation activation) {
    check(DType.BF16, 29, 1600, 45, activation, true);
    check(DType.F32, 29, 60, 45, activation, false);
  }

  @Test
  void smallProductIsExact() {
    Tensor x = Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3);
    Tensor weight = Tensor.of(new float[] {1, 0, -1, 2, 1, 0}, 2, 3);
    Tensor bias = Tensor.of(new float[] {10, 20}, 2);
    for (CpuBackend backend : new CpuBackend[] {CpuBackend.reference(1), CpuBackend.simd(1)}) {
      float[] result =
          KernelHarness.compute(
              backend,
              Matmul.class,
              (matmul, out) -> matmul.run(x, weight, bias, Activation.NONE, out),
              2,
              2);
      assertArrayEquals(new float[] {8, 24, 8, 33}, result, backend.name());
    }
  }

  /** A long sum in few roundings: a K of many blocks stays as accurate as a short one. */
  @Test
  void keepsItsAccuracyOverManyBlocks() {
    check(DType.F32, 14, 8960, 40, Activation.NONE, true);
  }

  @Test
  void rowsOfALargeProductHaveTheBitsOfTheProductOfThoseRows() {
    int rows = 207;
    int columns = 333;
    Tensor x = KernelHarness.normal(1, rows, 1703);
    Tensor weight = KernelHarness.normal(2, DType.BF16, columns, 1703);
    Tensor bias = KernelHarness.normal(3, columns);
    float[] all = simd(x, weight, bias);
    for (int count = 1; count <= FewRowsTile.ROWS + 1; count++) {
      for (int row : new int[] {0, 1, 11, 12, 100, rows - count}) {
        float[] some = simd(x.slice(row, row + count), weight, bias);
        assertArrayEquals(Arrays.copyOfRange(all, row * columns, (row + count) * columns), some);
      }
    }
    int column = 97;
    float[] some = simd(x, weight.slice(column, columns), bias.slice(column, columns));
    for (int row = 0; row < rows; row++) {
      for (int n = column; n < columns; n++) {
        assertEquals(all[row * columns + n], some[row * (columns - column) + n - column]);
      }
    }
  }

  @Test
  void refusesShapesThatDoNotFit() {
    Tensor x = KernelHarness.normal(1, 4, 5);
    Tensor weight = KernelHarness.normal(1, 3, 5);
    Tensor out = KernelHarness.normal(1, 4, 3);
    try (CpuBackend backend = CpuBackend.simd(1)) {
      Matmul matmul = backend.kernel(Matmul.class);
      Tensor other = KernelHarness.normal(1, 3, 6);
      IllegalArgumentException e =
          assertThrows(
              IllegalArgumentException.class,
              () -> matmul.run(x, other, null, Activation.NONE, out));
      assertTrue(e.getMessage().startsWith("weight: expected"), e.getMessage());
      refused(
          "out: expected F32[4, 3], found F32[3, 5]",
          () -> matmul.run(x, weight, null, Activation.NONE, weight));
      refused(
          "bias: expected F32, F16 or BF16 [3], found F32[4, 5]",
          () -> matmul.run(x, weight, x, Activation.NONE, out));
    }
  }

  /** On the CPU several layers of one input are products one after the other. */
  @Test
  void layersOfOneInputHaveTheBitsOfEach() {
    Tensor x = KernelHarness.normal(1, 29, 160);
    Tensor weight = KernelHarness.normal(2, DType.BF16, 3 * 45, 160);
    Tensor bias = KernelHarness.normal(3, 45);
    KernelHarness.Run<Matmul> each =
        (matmul, out) -> {
          for (Matmul.Layer layer : layers(weight, bias, out)) {
            matmul.run(x, layer.weight(), layer.bias(), Activation.NONE, layer.out());
          }
        };
    KernelHarness.Run<Matmul> together = (matmul, out) -> matmul.run(x, layers(weight, bias, out));
    assertArrayEquals(
        KernelHarness.compute(CpuBackend.simd(2), Matmul.class, each, 3, 29, 45),
        KernelHarness.compute(CpuBackend.simd(2), Matmul.class, together, 3, 29, 45));
    KernelHarness.agree(Matmul.class, together, 3, 29, 45);
  }

  /** Of three layers the second has no bias. */
  private static List<Matmul.Layer> layers(Tensor weight, Tensor bias, Tensor out) {
    List<Matmul.Layer> layers = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      Tensor own = weight.slice(i * 45, (i + 1) * 45);
      layers.add(new Matmul.Layer(own, i == 1 ? null : bias, out.row(i)));
    }
    return layers;
  }

  @Test
  void refusesLayersThatDoNotFit() {
    Tensor x = KernelHarness.normal(1, 4, 5);
    Tensor weight = KernelHarness.normal(1, 3, 5);
    Tensor out = KernelHarness.normal(1, 4, 3);
    Matmul.Layer layer = new Matmul.Layer(weight, null, out);
    Tensor two = weight.slice(0, 2);
    Matmul.Layer narrow = new Matmul.Layer(two, null, KernelHarness.normal(1, 4, 2));
    try (CpuBackend backend = CpuBackend.simd(1)) {
      Matmul matmul = backend.kernel(Matmul.class);
      refused("layers: expected 1 to 3, found 0", () -> matmul.run(x, List.of()));
      refused(
          "layers: expected 1 to 3, found 4",
          () -> matmul.run(x, List.of(layer, layer, layer, layer)));
      refused(
          "out: expected F32[4, 3], found F32[4, 2]", () -> matmul.run(x, List.of(layer, narrow)));
      refused(
          "weight: expected F32, F16 or BF16 [4, 5], found F32[4, 3]",
          () -> matmul.run(x, List.of(layer, new Matmul.Layer(out, null, out))));
    }
  }

  private static float[] simd(Tensor x, Tensor weight, Tensor bias) {
    return KernelHarness.compute(
        CpuBackend.simd(2),
        Matmul.class,
        (matmul, out) -> matmul.run(x, weight, bias, Activation.SILU, out),
        x.size(0),
        weight.size(0));
  }

  private static void check(
      DType dtype, int rows, int depth, int columns, Activation activation, boolean withBias) {
    Tensor x = KernelHarness.normal(1, rows, depth);
    Tensor weight = KernelHarness.normal(2, dtype, columns, depth);
    Tensor bias = withBias ? KernelHarness.normal(3, dtype, columns) : null;
    KernelHarness.agree(
        Matmul.class, (matmul, out) -> matmul.run(x, weight, bias, activation, out), rows, columns);
  }
}
