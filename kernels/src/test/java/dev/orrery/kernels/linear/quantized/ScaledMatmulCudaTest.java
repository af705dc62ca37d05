package dev.orrery.kernels.linear.quantized;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.orrery.kernels.KernelCase;
import dev.orrery.kernels.KernelCase.Inputs;
import dev.orrery.kernels.backend.Kernel;
import dev.orrery.kernels.cuda.CudaHarness;
import dev.orrery.kernels.cuda.CudaTestDevice;
import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.linear.Epilogue;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What holds for products of {@link ScaledRows} on the GPU whatever the type of their values. The
 * emulated GPU has four multiprocessors: four tiles of 128 x 128 make it choose that tile.
 */
abstract class ScaledMatmulCudaTest<K extends Kernel & ScaledProduct> {
  private final ScaledMatmul<K> tested;

  ScaledMatmulCudaTest(ScaledMatmul<K> tested) {
    this.tested = tested;
  }

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
    agree(DType.BF16, tested.stored(rows, depth, columns, Activation.NONE));
    // So close that a wrong order of columns, or a step left out, could not hide in roundings.
    agree(DType.F32, tested.stored(rows, depth, columns, Activation.NONE));
  }

  /** One row, up to four, more; depths below, at and above a lane's and a warp's share. */
  @ParameterizedTest
  @CsvSource({"1, 1, 1", "3, 260, 40", "4, 129, 3", "5, 4, 9", "17, 515, 30", "8, 3, 64"})
  void anyDepthAgreesWithTheReference(int rows, int depth, int columns) {
    agree(DType.F32, tested.stored(rows, depth, columns, Activation.NONE));
    agree(DType.F16, tested.stored(rows, depth, columns, Activation.NONE));
  }

  @ParameterizedTest
  @EnumSource(Activation.class)
  void everyActivationIsAppliedInEveryPath(Activation activation) {
    for (DType dtype : new DType[] {DType.F32, DType.F16, DType.BF16}) {
      agree(dtype, tested.stored(9, 48, 24, activation));
      agree(dtype, tested.stored(9, 48, 23, activation));
      agree(dtype, tested.stored(9, 39, 24, activation));
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
    agree(dtype, tested.added(rows, depth, columns, frames, true));
    agree(dtype, tested.added(rows, depth, columns, frames, false));
  }

  /** From 12 slices on Hopper's blocks are clusters, in tiles of every width of int8 and fp8. */
  @ParameterizedTest
  @CsvSource({"129, 1424, 257, 3", "130, 1424, 390, 5"})
  void pairsOfBlocksAgreeWithTheReference(int rows, int depth, int columns, int frames) {
    List<KernelCase<K>> cases =
        List.of(
            tested.stored(rows, depth, columns, Activation.NONE),
            tested.added(rows, depth, columns, frames, true),
            tested.layers(rows, depth, columns, true));
    for (KernelCase<K> each : cases) {
      CudaHarness.agreeOnHopper(tested.contract(), DType.BF16, each);
    }
    haveTheBitsOfEach(DType.BF16, 90, rows, depth, columns);
  }

  /** In every width of tile for Hopper, and in the type of results that it has not. */
  @ParameterizedTest
  @CsvSource({
    "BF16, 130, 144, 390",
    "BF16, 130, 80, 136",
    "BF16, 65, 1152, 72",
    "BF16, 9, 39, 24",
    "F16, 9, 48, 24"
  })
  void layersOfOneInputHaveTheBitsOfEach(DType dtype, int rows, int depth, int columns) {
    agree(dtype, tested.layers(rows, depth, columns, true));
    haveTheBitsOfEach(dtype, 80, rows, depth, columns);
    haveTheBitsOfEach(dtype, 90, rows, depth, columns);
  }

  private void haveTheBitsOfEach(DType dtype, int capability, int rows, int depth, int columns) {
    if (CudaTestDevice.supports(capability)) {
      assertArrayEquals(
          CudaHarness.onGpu(
              tested.contract(), dtype, capability, tested.layers(rows, depth, columns, false)),
          CudaHarness.onGpu(
              tested.contract(), dtype, capability, tested.layers(rows, depth, columns, true)));
    }
  }

  /** Rows that begin at any byte, and vectors at any element. */
  @ParameterizedTest
  @EnumSource(names = {"F32", "BF16"})
  void tensorsMayBeginAnywhere(DType dtype) {
    int rows = 5;
    int depth = 48;
    int columns = 16;
    for (int offset : new int[] {1, 4, 16}) {
      agree(
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
            Epilogue epilogue = new Epilogue.Store(Activation.NONE, out);
            matmul.run(x, weight, bias, epilogue);
            return out;
          });
    }
  }

  /** Rows behind so many elements of other content. */
  private ScaledRows from(int offset, Inputs inputs, long seed, int rows, int depth) {
    ScaledRows whole = tested.matrices().of(seed, 1, offset + rows * depth);
    Tensor values = inputs.moved(whole.values().reshape(offset + rows * depth));
    Tensor scales = inputs.fp32(seed, offset + rows);
    return new ScaledRows(
        values.slice(offset, offset + rows * depth).reshape(rows, depth),
        scales.slice(offset, offset + rows));
  }

  /** Few and many rows, small and large tiles sum in the same order, aligned or not. */
  @ParameterizedTest
  @CsvSource({"208, F32, 80", "208, F32, 90", "208, BF16, 90", "1424, BF16, 90", "203, F32, 80"})
  void rowOfALargeProductHasTheBitsOfTheProductOfThatRow(int depth, DType dtype, int capability) {
    if (!CudaTestDevice.supports(capability)) {
      return;
    }
    int rows = 260;
    int columns = 136;
    ScaledRows x = tested.matrices().of(1, rows, depth);
    ScaledRows weight = tested.matrices().of(2, columns, depth);
    float[] all = product(dtype, capability, x, weight);
    for (int first : new int[] {0, 1, 129, 257}) {
      int end = Math.min(rows, first + 3);
      assertArrayEquals(
          Arrays.copyOfRange(all, first * columns, end * columns),
          product(dtype, capability, ScaledMatmul.slice(x, first, end), weight));
    }
  }

  /** Requires the GPU to agree with the reference. */
  final void agree(DType dtype, KernelCase<K> run) {
    CudaHarness.agree(tested.contract(), dtype, run);
  }

  /** The product on the GPU. */
  final float[] product(DType dtype, int capability, ScaledRows x, ScaledRows weight) {
    return CudaHarness.onGpu(
        tested.contract(),
        dtype,
        capability,
        (matmul, inputs) -> {
          ScaledRows ownX = ScaledMatmul.moved(inputs, x);
          ScaledRows ownWeight = ScaledMatmul.moved(inputs, weight);
          Tensor out = inputs.output(x.values().size(0), weight.values().size(0));
          Epilogue epilogue = new Epilogue.Store(Activation.NONE, out);
          matmul.run(ownX, ownWeight, null, epilogue);
          return out;
        });
  }
}
