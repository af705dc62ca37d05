package dev.orrery.kernels.norm;

import dev.orrery.kernels.cpu.FloatView;

/**
 * Mean and biased variance, for the references.
 *
 * @param mean mean of the values
 * @param variance mean of the squared deviations from the mean
 */
record MomentsCpu(double mean, double variance) {
  /** Those of one row. */
  static MomentsCpu of(FloatView values, long at, int count) {
    return of(values, at, 1, count, count);
  }

  /**
   * Those of a range of columns of several rows; two passes: the mean first, then the deviations
   * from it.
   *
   * @param at first value
   * @param rowLength values from one row to the next
   * @param width columns that count
   */
  static MomentsCpu of(FloatView values, long at, int rows, int rowLength, int width) {
    double count = (double) rows * width;
    double sum = 0;
    for (int row = 0; row < rows; row++) {
      for (int i = 0; i < width; i++) {
        sum += values.get(at + (long) row * rowLength + i);
      }
    }
    double mean = sum / count;
    double squares = 0;
    for (int row = 0; row < rows; row++) {
      for (int i = 0; i < width; i++) {
        double deviation = values.get(at + (long) row * rowLength + i) - mean;
        squares += deviation * deviation;
      }
    }
    return new MomentsCpu(mean, squares / count);
  }
}
