package dev.orrery.kernels.linear.quantized;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.KernelHarness;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Shape;
import dev.orrery.kernels.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Random;

/** Matrices of int8 for tests. */
final class Int8Rows {
  /** The standard deviation of integers from -128 to 127 that are all alike likely. */
  private static final float DEVIATION = 73.9f;

  private Int8Rows() {}

  /**
   * Values from -128 to 127, all alike likely, which scales bring to the size of normal deviates.
   */
  static ScaledRows random(long seed, int rows, int columns) {
    byte[] values = new byte[rows * columns];
    new Random(seed).nextBytes(values);
    float[] scales = KernelHarness.normal(seed, rows).toFloats();
    for (int row = 0; row < rows; row++) {
      scales[row] /= DEVIATION;
    }
    return of(values, scales, columns);
  }

  /** A matrix rounded by the reference of {@link QuantizeRows}. */
  static ScaledRows quantize(Tensor matrix) {
    int rows = matrix.size(0);
    int columns = matrix.size(1);
    ScaledRows out = of(new byte[rows * columns], new float[rows], columns);
    try (CpuBackend backend = CpuBackend.reference(1)) {
      backend.kernel(QuantizeRows.class).run(matrix, out);
    }
    return out;
  }

  /** Rows of these values and scales. */
  static ScaledRows of(byte[] values, float[] scales, int columns) {
    Shape shape = Shape.of(scales.length, columns);
    MemorySegment bytes = Arena.ofAuto().allocate(Math.max(1, values.length), 64);
    MemorySegment.copy(MemorySegment.ofArray(values), 0, bytes, 0, values.length);
    return new ScaledRows(Tensor.host(DType.I8, shape, bytes), Tensor.of(scales, scales.length));
  }
}
