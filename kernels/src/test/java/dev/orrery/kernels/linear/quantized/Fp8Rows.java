package dev.orrery.kernels.linear.quantized;

import dev.orrery.kernels.KernelHarness;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Float8;
import dev.orrery.kernels.tensor.Shape;
import dev.orrery.kernels.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Matrices of fp8 for tests. */
final class Fp8Rows {
  private Fp8Rows() {}

  /** Normal deviates, rounded. */
  static ScaledRows normal(long seed, int rows, int columns) {
    return quantize(KernelHarness.normal(seed, rows, columns).toFloats(), rows, columns);
  }

  /** Rounds values [rows, columns] whose row has the scale {@link #scale}. */
  static ScaledRows quantize(float[] values, int rows, int columns) {
    float[] scales = new float[rows];
    byte[] codes = new byte[values.length];
    for (int row = 0; row < rows; row++) {
      scales[row] = scale(values, row, columns);
      for (int i = row * columns; i < (row + 1) * columns; i++) {
        codes[i] = Float8.encode(values[i] / scales[row]);
      }
    }
    return of(codes, scales, columns);
  }

  /** What takes a row's largest magnitude to the largest value of the type. */
  static float scale(float[] values, int row, int columns) {
    float largest = 0;
    for (int i = row * columns; i < (row + 1) * columns; i++) {
      largest = Math.max(largest, Math.abs(values[i]));
    }
    return largest / Float8.MAX;
  }

  /** Rows of these codes and scales. */
  static ScaledRows of(byte[] codes, float[] scales, int columns) {
    Shape shape = Shape.of(scales.length, columns);
    MemorySegment bytes = Arena.ofAuto().allocate(codes.length, 64);
    MemorySegment.copy(MemorySegment.ofArray(codes), 0, bytes, 0, codes.length);
    return new ScaledRows(
        Tensor.host(DType.F8_E4M3, shape, bytes), Tensor.of(scales, scales.length));
  }
}
