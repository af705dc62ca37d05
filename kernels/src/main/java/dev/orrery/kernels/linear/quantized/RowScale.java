package dev.orrery.kernels.linear.quantized;

/**
 * How {@link QuantizeRows} quantises a row, or other values that share a scale.
 *
 * @param scale what a quantised value is multiplied by to stand for the value
 * @param factor what a value is multiplied by before it is rounded; 0 for a row of zeros or of
 *     values that are not finite, which is not multiplied
 */
public record RowScale(float scale, float factor) {
  /**
   * The scale of values.
   *
   * @param largest the largest magnitude in the row, NaN if it holds a NaN
   * @param limit the largest quantised value
   */
  public static RowScale of(float largest, float limit) {
    float factor = limit / largest;
    if (factor == Float.POSITIVE_INFINITY) {
      return new RowScale(0, 0);
    }
    boolean finite = largest < Float.POSITIVE_INFINITY;
    return finite ? new RowScale(largest / limit, factor) : new RowScale(Float.NaN, 0);
  }
}
