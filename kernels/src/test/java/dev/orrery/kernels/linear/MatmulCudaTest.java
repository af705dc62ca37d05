package dev.orrery.kernels.linear;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.orrery.kernels.KernelCase;
import dev.orrery.kernels.KernelCase.Inputs;
import dev.orrery.kernels.cuda.CudaHarness;
import dev.orrery.kernels.cuda.CudaTestDevice;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The emulated GPU has four multiprocessors: four tiles of 128 x 128 make the portable kernels
 * choose that tile, and {@link MatmulHopperTileTest} says which sizes make Hopper's choose which.
 */
class MatmulCudaTest {
  /**
   * Products of one element, of one column more than a tile, of a depth that ends inside a slot, of
   * fewer slices than a ring has slots, and of more than twice as many: 16 slices of 32 for the six
   * slots of small tiles and the four of large ones. Hopper's tiles get 9 or more slices of 64 for
   * the four slots of wide and middle ones, and 2 x 7 for the six of narrow ones.
   */
  @ParameterizedTest
  @CsvSource({
    "1, 8, 1",
    "3, 776, 200",
    "65, 408, 72",
    "70, 1000, 33",
    "200, 64, 24",
    "130, 296, 136",
    "129, 520, 257",
    "130, 520, 390",
    "600, 440, 120"
  })
  void tensorCoresAgreeWithTheReference(int rows, int depth, int columns) {
    CudaHarness.agree(Matmul.class, DType.BF16, product(rows, depth, columns, Activation.NONE));
  }

  @ParameterizedTest
  @CsvSource({"3, 424, 65", "130, 264, 576", "130, 72, 390", "130, 72, 136"})
  void fp16AgreesWithTheReference(int rows, int depth, int columns) {
    CudaHarness.agree(Matmul.class, DType.F16, product(rows, depth, columns, Activation.SILU));
  }

  @ParameterizedTest
  @EnumSource(Activation.class)
  void everyActivationIsAppliedInEveryPath(Activation activation) {
    for (DType dtype : new DType[] {DType.F32, DType.F16, DType.BF16}) {
      CudaHarness.agree(Matmul.class, dtype, product(9, 40, 24, activation));
      CudaHarness.agree(Matmul.class, dtype, product(9, 40, 23, activation));
      CudaHarness.agree(Matmul.class, dtype, product(9, 39, 24, activation));
    }
  }

  /** One row, up to four, more; depths below, at and above a lane's and a warp's share. */
  @ParameterizedTest
  @CsvSource({"1, 1, 1", "3, 256, 40", "4, 129, 3", "5, 4, 9", "17, 515, 30", "8, 3, 64"})
  void fp32AgreesWithTheReferenceForEveryTypeOfWeight(int rows, int depth, int columns) {
    for (DType weights : new DType[] {DType.F32, DType.F16, DType.BF16}) {
      CudaHarness.agree(
          Matmul.class,
          DType.F32,
          (matmul, inputs) -> {
            Tensor x = inputs.activation(1, rows, depth);
            Tensor weight = inputs.exactly(2, weights, columns, depth);
            Tensor bias = inputs.fp32(3, columns);
            Tensor out = inputs.output(rows, columns);
            matmul.run(x, weight, bias, Activation.NONE, out);
            return out;
          });
    }
  }

  /** Depths that are no multiple of eight, which tensor cores are not given. */
  @ParameterizedTest
  @CsvSource({"BF16, 2, 260, 11", "BF16, 13, 131, 19", "F16, 2, 131, 9", "F16, 20, 12, 8"})
  void sixteenBitsOfAnyDepth(DType dtype, int rows, int depth, int columns) {
    CudaHarness.agree(Matmul.class, dtype, product(rows, depth, columns, Activation.NONE));
  }

  /** Slices that begin at any element, so that no wide access is allowed. */
  @ParameterizedTest
  @EnumSource(names = {"F32", "F16", "BF16"})
  void tensorsMayBeginAnywhere(DType dtype) {
    int rows = 5;
    int depth = 48;
    int columns = 16;
    for (int offset : new int[] {1, 4}) {
      CudaHarness.agree(
          Matmul.class,
          dtype,
          (matmul, inputs) -> {
            Tensor x = from(offset, inputs.activation(1, offset + rows * depth), rows, depth);
            Tensor weight =
                from(offset, inputs.activation(2, offset + columns * depth), columns, depth);
            Tensor bias = inputs.fp32(3, offset + columns).slice(offset, offset + columns);
            Tensor out = from(offset, inputs.output(offset + rows * columns), rows, columns);
            matmul.run(x, weight, bias, Activation.NONE, out);
            return out;
          });
      // Only bias and result are out of line: the product still is one for tensor cores.
      CudaHarness.agree(
          Matmul.class,
          dtype,
          (matmul, inputs) -> {
            Tensor x = inputs.activation(1, rows, depth);
            Tensor weight = inputs.activation(2, columns, depth);
            Tensor bias = inputs.fp32(3, offset + columns).slice(offset, offset + columns);
            Tensor out = from(offset, inputs.output(offset + rows * columns), rows, columns);
            matmul.run(x, weight, bias, Activation.NONE, out);
            return out;
          });
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"F32", "BF16"})
  void worksWithoutBias(DType dtype) {
    CudaHarness.agree(
        Matmul.class,
        dtype,
        (matmul, inputs) -> {
          Tensor out = inputs.output(6, 40);
          Tensor weight = inputs.activation(2, 40, 24);
          matmul.run(inputs.activation(1, 6, 24), weight, null, Activation.NONE, out);
          return out;
        });
  }

  /** Few and many rows, small and large tiles sum in the same order, aligned or not. */
  @ParameterizedTest
  @CsvSource({"BF16, 80", "BF16, 90", "F16, 80", "F32, 80"})
  void rowOfALargeProductHasTheBitsOfTheProductOfThatRow(DType dtype, int capability) {
    if (!CudaTestDevice.supports(capability)) {
      return;
    }
    int rows = 260;
    int depth = 200;
    int columns = 136;
    float[] all = rowsOf(dtype, capability, 0, rows, rows, depth, columns);
    for (int first : new int[] {0, 1, 129, 257}) {
      int end = Math.min(rows, first + 3);
      assertArrayEquals(
          Arrays.copyOfRange(all, first * columns, end * columns),
          rowsOf(dtype, capability, first, end, rows, depth, columns));
    }
  }

  private static float[] rowsOf(
      DType dtype, int capability, int first, int end, int rows, int depth, int columns) {
    return CudaHarness.onGpu(
        Matmul.class,
        dtype,
        capability,
        (matmul, inputs) -> {
          Tensor x = inputs.activation(1, rows, depth).slice(first, end);
          Tensor out = inputs.output(end - first, columns);
          Tensor weight = inputs.activation(2, columns, depth);
          matmul.run(x, weight, inputs.fp32(3, columns), Activation.NONE, out);
          return out;
        });
  }

  /**
   * Layers of one input, in every width of tile for Hopper, with more tiles than multiprocessors,
   * and where there is no kernel for several: they begin anywhere, and nothing is written around
   * them.
   */
  @ParameterizedTest
  @CsvSource({
    "BF16, 3, 130, 72, 390",
    "BF16, 3, 130, 712, 390",
    "BF16, 2, 130, 712, 136",
    "BF16, 2, 130, 520, 136",
    "BF16, 3, 100, 136, 390",
    "BF16, 3, 3, 840, 72",
    "BF16, 1, 9, 40, 24",
    "BF16, 3, 9, 39, 24",
    "F16, 3, 9, 40, 24",
    "F32, 2, 9, 40, 24"
  })
  void layersOfOneInputHaveTheBitsOfEach(
      DType dtype, int layers, int rows, int depth, int columns) {
    for (int capability : new int[] {80, 90}) {
      if (CudaTestDevice.supports(capability)) {
        assertArrayEquals(
            CudaHarness.onGpu(
                Matmul.class,
                dtype,
                capability,
                layers(
                    layers,
                    rows,
                    depth,
                    columns,
                    (matmul, x, all) ->
                        all.forEach(
                            each ->
                                matmul.run(
                                    x, each.weight(), each.bias(), Activation.NONE, each.out())))),
            CudaHarness.onGpu(
                Matmul.class,
                dtype,
                capability,
                layers(layers, rows, depth, columns, Matmul::run)));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"130, 72, 390", "130, 72, 136", "100, 136, 390"})
  void layersOfOneInputAgreeWithTheReference(int rows, int depth, int columns) {
    CudaHarness.agree(
        Matmul.class,
        DType.BF16,
        (matmul, inputs) -> {
          Tensor out = inputs.output(3 * rows, columns);
          List<Matmul.Layer> layers = new ArrayList<>();
          for (int i = 0; i < 3; i++) {
            Tensor weight = inputs.activation(2 + i, columns, depth);
            Tensor own = out.slice(i * rows, (i + 1) * rows);
            layers.add(new Matmul.Layer(weight, inputs.fp32(5 + i, columns), own));
          }
          matmul.run(inputs.activation(1, rows, depth), layers);
          return out;
        });
  }

  private interface Layers {
    void run(Matmul matmul, Tensor x, List<Matmul.Layer> layers);
  }

  /** Layers whose results lie one element apart; the second has no bias. */
  private static KernelCase<Matmul> layers(
      int count, int rows, int depth, int columns, Layers run) {
    return (matmul, inputs) -> {
      int distance = rows * columns + 1;
      Tensor out = inputs.output(count * distance);
      List<Matmul.Layer> layers = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        Tensor weight = inputs.activation(2 + i, columns, depth);
        Tensor bias = i == 1 ? null : inputs.fp32(5 + i, columns);
        layers.add(new Matmul.Layer(weight, bias, from(i * distance, out, rows, columns)));
      }
      run.run(matmul, inputs.activation(1, rows, depth), layers);
      return out;
    };
  }

  private static Tensor from(int offset, Tensor flat, int rows, int columns) {
    return flat.slice(offset, offset + rows * columns).reshape(rows, columns);
  }

  private static KernelCase<Matmul> product(
      int rows, int depth, int columns, Activation activation) {
    return (matmul, inputs) -> run(matmul, inputs, rows, depth, columns, activation);
  }

  private static Tensor run(
      Matmul matmul, Inputs inputs, int rows, int depth, int columns, Activation activation) {
    Tensor x = inputs.activation(1, rows, depth);
    Tensor weight = inputs.activation(2, columns, depth);
    Tensor out = inputs.output(rows, columns);
    matmul.run(x, weight, inputs.fp32(3, columns), activation, out);
    return out;
  }
}
