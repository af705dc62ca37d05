package dev.orrery.kernels.norm;

import dev.orrery.kernels.cpu.FloatView;

/**
 * Mean and biased variance of a row, for the references.
 *
 * @param mean mean of the values
 * @param variance mean of the squared deviations from the mean
 */
record MomentsCpu(double mean, double variance) {
  /** Two passes: the mean first, then the deviations from it. */
  static MomentsCpu of(FloatView values, long at, int count) {
    double sum = 0;
    for (int i = 0; i < count; i++) {
      sum += values.get(at + i);
    }
    double mean = sum / count;
    double squares = 0;
    for (int i = 0; i < count; i++) {
      double deviation = values.get(at + i) - mean;
      squares += deviation * deviation;
    }
    return new MomentsCpu(mean, squares / count);
  }
}
