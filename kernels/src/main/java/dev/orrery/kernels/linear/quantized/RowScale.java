package dev.orrery.kernels.linear.quantized;

/**
 * How {@link QuantizeRows} quantises a row.
 *
 * @param scale what a quantised value is multiplied by to stand for the value
 * @param factor what a value is multiplied by before it is rounded; 0 for a row of zeros or of
 *     values that are not finite, which is not multiplied
 */
record RowScale(float scale, float factor) {
  /**
   * @param largest the largest magnitude in the row, NaN if it holds a NaN
   * @param limit the largest quantised value
   */
  static RowScale of(float largest, float limit) {
    float factor = limit / largest;
    if (factor == Float.POSITIVE_INFINITY) {
      return new RowScale(0, 0);
    }
    boolean finite = largest < Float.POSITIVE_INFINITY;
    return finite ? new RowScale(largest / limit, factor) : new RowScale(Float.NaN, 0);
  }
}
