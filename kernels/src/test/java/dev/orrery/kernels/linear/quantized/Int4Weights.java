package dev.orrery.kernels.linear.quantized;

import dev.orrery.kernels.KernelHarness;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Shape;
import dev.orrery.kernels.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Weights of four bits for tests. */
final class Int4Weights {
  /** What the largest magnitude of a group becomes. */
  static final int LIMIT = 7;

  private Int4Weights() {}

  /** Normal deviates, rounded to the nearest of what their groups can hold. */
  static GroupedInt4 normal(long seed, int rows, int columns, int group) {
    return quantize(KernelHarness.normal(seed, rows, columns).toFloats(), rows, columns, group);
  }

  /** Rounds values [rows, columns] in groups whose scale is their largest magnitude / LIMIT. */
  static GroupedInt4 quantize(float[] values, int rows, int columns, int group) {
    float[] scales = new float[rows * columns / group];
    byte[] q = new byte[rows * columns];
    for (int g = 0; g < scales.length; g++) {
      float largest = 0;
      for (int i = g * group; i < (g + 1) * group; i++) {
        largest = Math.max(largest, Math.abs(values[i]));
      }
      scales[g] = largest / LIMIT;
      for (int i = g * group; i < (g + 1) * group; i++) {
        q[i] = (byte) (Math.rint(values[i] / scales[g]) + GroupedInt4.ZERO);
      }
    }
    return of(q, scales, rows, columns, group);
  }

  /** A weight of these q, from 0 to 15, one for each element, and these scales. */
  static GroupedInt4 of(byte[] q, float[] scales, int rows, int columns, int group) {
    Shape shape = Shape.of(rows, columns / 2);
    MemorySegment bytes = Arena.ofAuto().allocate(shape.elements(), 64);
    for (int i = 0; i < q.length; i += 2) {
      bytes.set(ValueLayout.JAVA_BYTE, i / 2, (byte) (q[i] | q[i + 1] << 4));
    }
    return new GroupedInt4(
        Tensor.host(DType.U8, shape, bytes), Tensor.of(scales, rows, columns / group));
  }
}
