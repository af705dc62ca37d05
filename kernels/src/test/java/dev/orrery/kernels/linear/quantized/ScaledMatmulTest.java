package dev.orrery.kernels.linear.quantized;

import static dev.orrery.kernels.KernelHarness.refused;
import static dev.orrery.kernels.linear.quantized.LinearHarness.backends;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.KernelHarness;
import dev.orrery.kernels.backend.Kernel;
import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.linear.Epilogue;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What holds for products of {@link ScaledRows} whatever the type of their values. */
abstract class ScaledMatmulTest<K extends Kernel & ScaledProduct> {
  private final ScaledMatmul<K> tested;

  ScaledMatmulTest(ScaledMatmul<K> tested) {
    this.tested = tested;
  }

  /** Rows of values that the type has. */
  abstract ScaledRows rows(float[] values, float... scales);

  /** Depths and columns at, below and above those of vectors, tiles and blocks. */
  @ParameterizedTest
  @CsvSource({
    "1, 1, 1",
    "13, 13, 13",
    "207, 207, 207",
    "12, 1024, 32",
    "11, 1023, 31",
    "13, 1025, 33",
    "13, 1537, 129",
    "39, 1920, 65",
    "1, 1664, 300"
  })
  void agreesWithTheReference(int rows, int depth, int columns) {
    LinearHarness.Product<K> product = product(rows, depth, columns);
    for (boolean withBias : new boolean[] {false, true}) {
      LinearHarness.checkStore(
          tested.contract(), product, rows, columns, Activation.NONE, withBias);
    }
    int frames = rows % 3 == 0 ? 3 : 1;
    LinearHarness.checkAddTo(tested.contract(), product, rows, columns, 0, true);
    LinearHarness.checkAddTo(tested.contract(), product, rows, columns, frames, false);
  }

  @ParameterizedTest
  @EnumSource(Activation.class)
  void appliesEveryActivationOnce(Activation activation) {
    LinearHarness.checkStore(tested.contract(), product(29, 1600, 45), 29, 45, activation, true);
  }

  /** On the CPU several layers of one input are products one after the other. */
  @Test
  void layersOfOneInputHaveTheBitsOfEach() {
    Tensor each = KernelHarness.normal(3, 3, 29, 45);
    Tensor together = KernelHarness.normal(4, 3, 29, 45);
    ScaledRows x = tested.matrices().of(1, 29, 160);
    try (CpuBackend backend = CpuBackend.simd(2)) {
      K matmul = backend.kernel(tested.contract());
      layers(each).forEach(one -> matmul.run(x, one.weight(), one.bias(), one.epilogue()));
      matmul.run(x, layers(together));
      assertArrayEquals(each.toFloats(), together.toFloats());
      refused("layers: expected 1 to 3, found 0", () -> matmul.run(x, List.of()));
    }
  }

  private List<ScaledProduct.Layer> layers(Tensor out) {
    List<ScaledProduct.Layer> layers = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      Tensor bias = i == 1 ? null : KernelHarness.normal(5 + i, 45);
      layers.add(new ScaledProduct.Layer(tested.matrices().of(2 + i, 45, 160), bias, out.row(i)));
    }
    return layers;
  }

  private LinearHarness.Product<K> product(int rows, int depth, int columns) {
    ScaledRows x = tested.matrices().of(1, rows, depth);
    ScaledRows weight = tested.matrices().of(2, columns, depth);
    return (matmul, bias, epilogue) -> matmul.run(x, weight, bias, epilogue);
  }

  /** (1 * 3 + 2 * 4) * 0.5 * 4 + 10 = 32 and (1 * 5 + 2 * 6) * 0.5 * 8 + 20 = 88; 100 + 2 * 32. */
  @Test
  void scalesBiasAndGateAreAppliedInTurn() {
    ScaledRows x = rows(new float[] {1, 2}, 0.5f);
    ScaledRows weight = rows(new float[] {3, 4, 5, 6}, 4, 8);
    Tensor bias = Tensor.of(new float[] {10, 20}, 2);
    Tensor gate = Tensor.of(new float[] {2, -1}, 1, 2);
    for (CpuBackend backend : backends()) {
      assertArrayEquals(new float[] {32, 88}, store(backend, x, weight, bias), backend.name());
    }
    for (CpuBackend backend : backends()) {
      try (backend) {
        K matmul = backend.kernel(tested.contract());
        Tensor residual = Tensor.of(new float[] {100, 200}, 1, 2);
        matmul.run(x, weight, bias, new Epilogue.AddTo(gate, residual));
        assertArrayEquals(new float[] {164, 112}, residual.toFloats(), backend.name());
        matmul.run(x, weight, null, new Epilogue.AddTo(null, residual));
        assertArrayEquals(new float[] {186, 180}, residual.toFloats(), backend.name());
      }
    }
  }

  /** A scale of zero leaves the bias; NaN in a scale stays in its row or column. */
  @Test
  void zeroScalesGiveTheBiasAndNanStaysWhereItIs() {
    float nan = Float.NaN;
    float[] ones = new float[3 * 40];
    Arrays.fill(ones, 1);
    ScaledRows x = rows(ones, 1, 0, nan);
    ScaledRows weight = rows(ones, 1, 0, nan);
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
    ScaledRows x = tested.matrices().of(1, rows, 1700);
    ScaledRows weight = tested.matrices().of(2, columns, 1700);
    float[] all = store(CpuBackend.simd(2), x, weight, null);
    for (int row : new int[] {0, 1, 11, 12, 100, 206}) {
      float[] one = store(CpuBackend.simd(2), ScaledMatmul.slice(x, row, row + 1), weight, null);
      assertArrayEquals(Arrays.copyOfRange(all, row * columns, (row + 1) * columns), one);
    }
    int column = 33;
    ScaledRows some = ScaledMatmul.slice(weight, column, columns);
    float[] right = store(CpuBackend.simd(2), x, some, null);
    for (int row = 0; row < rows; row++) {
      for (int n = column; n < columns; n++) {
        assertEquals(all[row * columns + n], right[row * (columns - column) + n - column]);
      }
    }
  }

  @Test
  void refusesWhatDoesNotFit() {
    ScaledRows x = tested.matrices().of(1, 4, 5);
    ScaledRows weight = tested.matrices().of(2, 3, 5);
    ScaledRows deeper = tested.matrices().of(1, 3, 6);
    Tensor out = KernelHarness.normal(3, 4, 3);
    Epilogue epilogue = new Epilogue.Store(Activation.NONE, out);
    refused(
        "weight: expected " + weight.values() + ", found " + deeper.values(),
        () -> run(x, deeper, null, epilogue));
    refused(
        "bias: expected F32, F16 or BF16 [3], found F32[4, 3]",
        () -> run(x, weight, out, epilogue));
    refused(
        "bias: expected F32, F16 or BF16 [3], found F32[4]",
        () -> run(x, weight, KernelHarness.normal(3, 4), epilogue));
    refused("out: expected F32[3, 3], found F32[4, 3]", () -> run(weight, weight, null, epilogue));
    Tensor half = KernelHarness.normal(3, DType.F16, 4, 3);
    Epilogue halfEnd = new Epilogue.Store(Activation.NONE, half);
    refused("out: expected F32, found F16[4, 3]", () -> run(x, weight, null, halfEnd));
    Epilogue threeFrames = new Epilogue.AddTo(KernelHarness.normal(4, 3, 3), out);
    refused(
        "tokens of x: expected a multiple of frames of gate = 3, found 4",
        () -> run(x, weight, null, threeFrames));
  }

  /** Runs the operation on the fast backend. */
  final void run(ScaledRows x, ScaledRows weight, Tensor bias, Epilogue epilogue) {
    try (CpuBackend backend = CpuBackend.simd(1)) {
      backend.kernel(tested.contract()).run(x, weight, bias, epilogue);
    }
  }

  /** The product on a backend, which is closed. */
  final float[] store(CpuBackend backend, ScaledRows x, ScaledRows weight, Tensor bias) {
    return KernelHarness.compute(
        backend,
        tested.contract(),
        (matmul, out) -> matmul.run(x, weight, bias, new Epilogue.Store(Activation.NONE, out)),
        x.values().size(0),
        weight.values().size(0));
  }
}
