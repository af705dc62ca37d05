package dev.orrery.kernels.linear.quantized;

import static dev.orrery.kernels.cuda.CudaHarness.same;

import dev.orrery.kernels.KernelCase.Inputs;
import dev.orrery.kernels.KernelHarness;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Values and scales have the bits of the reference, whatever the type of x. */
class QuantizeRowsCudaTest {
  private static final DType[] QUANTIZED = {DType.I8, DType.F8_E4M3};

  /** Makes x on the backend that a case runs on. */
  private interface X {
    Tensor on(Inputs inputs);
  }

  /** Rows of a part of a warp, of a block, and longer than the registers of a block hold. */
  @ParameterizedTest
  @EnumSource(names = {"F32", "F16", "BF16"})
  void hasTheBitsOfTheReference(DType dtype) {
    int[][] sizes = {{1, 1}, {9, 13}, {70, 64}, {5, 257}, {3, 1536}, {2, 9216}, {2, 17000}};
    for (int[] size : sizes) {
      float[] values = spread(size[0], size[1]);
      check(dtype, size[0], size[1], inputs -> inputs.values(values, size[0], size[1]));
    }
  }

  /** Normal deviates, some far below a row's largest, 127; among the others many ties of int8. */
  private static float[] spread(int rows, int columns) {
    float[] values = KernelHarness.normal(1, rows, columns).toFloats();
    for (int i = 0; i < values.length; i++) {
      values[i] =
          switch (i % 5) {
            case 0 -> i % 64 - 127;
            case 1 -> i % 127 - 63.5f;
            default -> Math.scalb(values[i], i % 7 * -(i % 3));
          };
    }
    return values;
  }

  /** Zeros; too small to be scaled for one type, or both; the largest; none finite. */
  @ParameterizedTest
  @EnumSource(names = {"F32", "F16", "BF16"})
  void rowsThatAreSpecial(DType dtype) {
    float[] largest = {
      0, 1e-37f, 1e-36f, 3e38f, Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, 1
    };
    int columns = 40;
    float[] values = spread(largest.length, columns);
    for (int i = 0; i < values.length; i++) {
      float value = largest[i / columns];
      boolean huge = !(Math.abs(value) < 1e30f);
      values[i] = huge && i % columns != 33 ? values[i] : i % 3 == 0 ? -value : value;
    }
    check(dtype, largest.length, columns, inputs -> inputs.values(values, largest.length, columns));
  }

  /** Rows that begin at any element, and so at any byte of the result. */
  @ParameterizedTest
  @EnumSource(names = {"F32", "BF16"})
  void tensorsMayBeginAnywhere(DType dtype) {
    int rows = 3;
    int columns = 48;
    int count = rows * columns;
    for (int offset : new int[] {1, 4}) {
      for (DType to : QUANTIZED) {
        same(
            QuantizeRows.class,
            dtype,
            (quantize, inputs) -> {
              Tensor x = inputs.activation(1, offset + count).slice(offset, offset + count);
              Tensor values = inputs.outputOf(to, offset + count).slice(offset, offset + count);
              Tensor scales = inputs.outputOf(DType.F32, offset + rows);
              quantize.run(
                  x.reshape(rows, columns),
                  new ScaledRows(
                      values.reshape(rows, columns), scales.slice(offset, offset + rows)));
              return values;
            });
      }
    }
  }

  private static void check(DType dtype, int rows, int columns, X x) {
    for (DType to : QUANTIZED) {
      for (boolean scales : new boolean[] {false, true}) {
        same(
            QuantizeRows.class,
            dtype,
            (quantize, inputs) -> {
              Tensor values = inputs.outputOf(to, rows, columns);
              ScaledRows out = new ScaledRows(values, inputs.outputOf(DType.F32, rows));
              quantize.run(x.on(inputs), out);
              return scales ? out.scales() : out.values();
            });
      }
    }
  }
}
