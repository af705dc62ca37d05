package dev.orrery.kernels.linear.quantized;

import dev.orrery.kernels.tensor.Check;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;

/**
 * A quantised matrix whose rows have a scale each: element {@code [r, k]} stands for {@code
 * scales[r] * values[r, k]}. A row is a token of an activation, or an output channel of a weight.
 *
 * @param values {@code [R, K]}, {@link DType#I8} or {@link DType#F8_E4M3}
 * @param scales {@code [R]}, fp32
 */
public record ScaledRows(Tensor values, Tensor scales) {
  /**
   * @throws IllegalArgumentException if shapes or dtypes do not fit
   */
  public ScaledRows {
    Check.that(
        values.dtype() == DType.I8 || values.dtype() == DType.F8_E4M3,
        "values: expected I8 or F8_E4M3, found " + values);
    Check.rank("values", values, values.dtype(), 2);
    Check.tensor("scales", scales, DType.F32, values.size(0));
  }
}
