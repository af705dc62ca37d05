package dev.orrery.runtime.quantize;

import dev.orrery.kernels.linear.quantized.QuantizeRows;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Float8;
import dev.orrery.runtime.checkpoint.Quantization;

/** Quantises one row of a matrix. */
interface RowQuantizer {
  /**
   * @param row finite values
   * @param codes becomes the quantised values, as they are stored
   * @param scales becomes the row's scales
   * @param restored becomes what the two stand for
   */
  void quantize(float[] row, byte[] codes, float[] scales, float[] restored);

  static RowQuantizer of(Quantization form, ScaleChoice choice) {
    return switch (form.format()) {
      case INT8 -> RowQuantizer::int8;
      case FP8 -> RowQuantizer::fp8;
      case INT4 -> new Int4Groups(form.group(), choice);
    };
  }

  private static void int8(float[] row, byte[] codes, float[] scales, float[] restored) {
    float limit = QuantizeRows.limit(DType.I8);
    float scale = largest(row, 0, row.length) / limit;
    scales[0] = scale;
    for (int k = 0; k < row.length; k++) {
      // The scale of subnormal values is coarse; their quotients may lie beyond the limit.
      double quotient = scale == 0 ? 0 : Math.rint(row[k] / (double) scale);
      codes[k] = (byte) Math.clamp(quotient, -limit, limit);
      restored[k] = scale * codes[k];
    }
  }

  private static void fp8(float[] row, byte[] codes, float[] scales, float[] restored) {
    float scale = largest(row, 0, row.length) / QuantizeRows.limit(DType.F8_E4M3);
    scales[0] = scale;
    for (int k = 0; k < row.length; k++) {
      codes[k] = scale == 0 ? 0 : Float8.encode((float) (row[k] / (double) scale));
      restored[k] = scale * Float8.decode(codes[k]);
    }
  }

  /** The largest magnitude of some elements. */
  static float largest(float[] row, int from, int count) {
    float largest = 0;
    for (int k = from; k < from + count; k++) {
      largest = Math.max(largest, Math.abs(row[k]));
    }
    return largest;
  }
}
