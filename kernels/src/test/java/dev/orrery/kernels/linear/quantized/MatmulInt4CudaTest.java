package dev.orrery.kernels.linear.quantized;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.orrery.kernels.KernelCase;
import dev.orrery.kernels.KernelCase.Inputs;
import dev.orrery.kernels.cuda.CudaHarness;
import dev.orrery.kernels.cuda.CudaTestDevice;
import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.linear.Epilogue;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Shape;
import dev.orrery.kernels.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Four tiles of 128 x 128 make the emulated GPU of four multiprocessors choose that tile. */
class MatmulInt4CudaTest {
  /**
   * Products of one element, of one column more than a tile, of fewer slices of 32 than a ring has
   * slots, and of more than twice as many: the rings have eight slots for small tiles and six for
   * large ones. Groups of one slice, of several, and of a whole row.
   */
  @ParameterizedTest
  @CsvSource({
    "1, 32, 1, 32",
    "3, 768, 200, 128",
    "65, 416, 72, 32",
    "70, 1024, 33, 64",
    "200, 64, 24, 64",
    "129, 512, 257, 128",
    "130, 576, 390, 96",
    "600, 448, 120, 448"
  })
  void tensorCoresAgreeWithTheReference(int rows, int depth, int columns, int group) {
    CudaHarness.agree(
        MatmulInt4.class, DType.BF16, stored(rows, depth, columns, group, Activation.NONE));
  }

  @ParameterizedTest
  @CsvSource({"3, 416, 65, 32", "130, 256, 576, 64", "130, 96, 390, 96"})
  void fp16AgreesWithTheReference(int rows, int depth, int columns, int group) {
    CudaHarness.agree(
        MatmulInt4.class, DType.F16, stored(rows, depth, columns, group, Activation.SILU));
  }

  /** One row, up to four, more; depths below, at and above a warp's share. */
  @ParameterizedTest
  @CsvSource({"1, 32, 1, 32", "3, 256, 40, 64", "4, 128, 3, 128", "17, 544, 30, 32"})
  void fp32AgreesWithTheReference(int rows, int depth, int columns, int group) {
    CudaHarness.agree(
        MatmulInt4.class, DType.F32, stored(rows, depth, columns, group, Activation.NONE));
  }

  @ParameterizedTest
  @EnumSource(Activation.class)
  void everyActivationIsAppliedInEveryPath(Activation activation) {
    for (DType dtype : new DType[] {DType.F32, DType.F16, DType.BF16}) {
      CudaHarness.agree(MatmulInt4.class, dtype, stored(9, 64, 24, 32, activation));
      CudaHarness.agree(MatmulInt4.class, dtype, stored(9, 64, 23, 64, activation));
    }
  }

  /** Frames that end inside a tile and inside the rows of a warp; no gate for 0. */
  @ParameterizedTest
  @CsvSource({
    "BF16, 1, 32, 1, 1",
    "BF16, 207, 128, 33, 9",
    "BF16, 132, 256, 390, 3",
    "F16, 14, 64, 130, 2",
    "F16, 135, 512, 257, 0",
    "F32, 2, 320, 17, 2",
    "F32, 39, 128, 29, 0"
  })
  void residualAgreesWithTheReference(DType dtype, int rows, int depth, int columns, int frames) {
    for (boolean withBias : new boolean[] {true, false}) {
      CudaHarness.agree(MatmulInt4.class, dtype, added(rows, depth, columns, 32, frames, withBias));
    }
  }

  /** Slices that begin at any element, so that no wide access is allowed. */
  @ParameterizedTest
  @EnumSource(names = {"F32", "F16", "BF16"})
  void tensorsMayBeginAnywhere(DType dtype) {
    for (int[] offsets : new int[][] {{1, 0, 0}, {0, 1, 0}, {0, 0, 3}, {4, 2, 1}}) {
      CudaHarness.agree(MatmulInt4.class, dtype, beginning(offsets[0], offsets[1], offsets[2]));
    }
  }

  private static KernelCase<MatmulInt4> beginning(int ofX, int ofWeight, int ofRest) {
    int rows = 5;
    int depth = 64;
    int columns = 16;
    return (matmul, inputs) -> {
      GroupedInt4 host = Int4Weights.normal(2, columns, depth, 32);
      byte[] bytes = new byte[ofWeight + columns * depth / 2];
      MemorySegment.copy(
          host.packed().segment(),
          ValueLayout.JAVA_BYTE,
          0,
          bytes,
          ofWeight,
          bytes.length - ofWeight);
      Tensor all =
          inputs.moved(Tensor.host(DType.U8, Shape.of(bytes.length), MemorySegment.ofArray(bytes)));
      GroupedInt4 weight =
          new GroupedInt4(from(ofWeight, all, columns, depth / 2), inputs.moved(host.scales()));
      Tensor x = from(ofX, inputs.activation(1, ofX + rows * depth), rows, depth);
      Tensor bias = inputs.fp32(3, ofRest + columns).slice(ofRest, ofRest + columns);
      Tensor out = from(ofRest, inputs.output(ofRest + rows * columns), rows, columns);
      matmul.run(x, weight, bias, new Epilogue.Store(Activation.NONE, out));
      return out;
    };
  }

  /** Few and many rows, small and large tiles sum in the same order. */
  @ParameterizedTest
  @CsvSource({"BF16, 80", "BF16, 90", "F16, 80", "F32, 80"})
  void rowOfALargeProductHasTheBitsOfTheProductOfThatRow(DType dtype, int capability) {
    if (!CudaTestDevice.supports(capability)) {
      return;
    }
    int rows = 260;
    int columns = 136;
    float[] all = rowsOf(dtype, capability, 0, rows, rows, columns);
    for (int first : new int[] {0, 1, 129, 257}) {
      int end = Math.min(rows, first + 3);
      assertArrayEquals(
          Arrays.copyOfRange(all, first * columns, end * columns),
          rowsOf(dtype, capability, first, end, rows, columns));
    }
  }

  private static float[] rowsOf(
      DType dtype, int capability, int first, int end, int rows, int columns) {
    int depth = 192;
    return CudaHarness.onGpu(
        MatmulInt4.class,
        dtype,
        capability,
        (matmul, inputs) -> {
          Tensor x = inputs.activation(1, rows, depth).slice(first, end);
          Tensor out = inputs.output(end - first, columns);
          GroupedInt4 weight = weight(inputs, columns, depth, 64);
          matmul.run(x, weight, inputs.fp32(3, columns), new Epilogue.Store(Activation.NONE, out));
          return out;
        });
  }

  private static KernelCase<MatmulInt4> stored(
      int rows, int depth, int columns, int group, Activation activation) {
    return (matmul, inputs) -> {
      Tensor x = inputs.activation(1, rows, depth);
      GroupedInt4 weight = weight(inputs, columns, depth, group);
      Tensor bias = inputs.fp32(3, columns);
      Tensor out = inputs.output(rows, columns);
      matmul.run(x, weight, bias, new Epilogue.Store(activation, out));
      return out;
    };
  }

  private static KernelCase<MatmulInt4> added(
      int rows, int depth, int columns, int group, int frames, boolean withBias) {
    return (matmul, inputs) -> {
      Tensor x = inputs.activation(1, rows, depth);
      GroupedInt4 weight = weight(inputs, columns, depth, group);
      Tensor bias = withBias ? inputs.fp32(3, columns) : null;
      Tensor gate = frames == 0 ? null : inputs.fp32(4, frames, columns);
      Tensor residual = inputs.activation(5, rows, columns);
      matmul.run(x, weight, bias, new Epilogue.AddTo(gate, residual));
      return residual;
    };
  }

  private static GroupedInt4 weight(Inputs inputs, int rows, int columns, int group) {
    GroupedInt4 host = Int4Weights.normal(2, rows, columns, group);
    return new GroupedInt4(inputs.moved(host.packed()), inputs.moved(host.scales()));
  }

  private static Tensor from(int offset, Tensor flat, int rows, int columns) {
    return flat.slice(offset, offset + (long) rows * columns).reshape(rows, columns);
  }
}
