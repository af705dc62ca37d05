package dev.orrery.runtime.quantize;

import dev.orrery.kernels.linear.quantized.GroupedInt4;

/**
 * Four-bit values with a scale for each group of a row.
 *
 * @param group elements of a group
 * @param choice how to find scales
 */
record Int4Groups(int group, ScaleChoice choice) implements RowQuantizer {
  private static final int MIN = -GroupedInt4.ZERO;
  private static final int MAX = 15 - GroupedInt4.ZERO;

  /** Scales that are tried lie this far apart, in parts of the one that cuts nothing off. */
  private static final double STEP = 1 / 64.0;

  /** Below this part of it, no group of a trained network was best. */
  private static final double LEAST = 0.4;

  @Override
  public void quantize(float[] row, byte[] codes, float[] scales, float[] restored) {
    for (int g = 0; g < scales.length; g++) {
      int from = g * group;
      float scale = RowQuantizer.largest(row, from, group) / MAX;
      if (choice == ScaleChoice.MSE) {
        scale = search(row, from, scale);
      }
      scales[g] = scale;
      for (int k = from; k < from + group; k++) {
        int q = code(row[k], scale);
        restored[k] = scale * q;
        int stored = q + GroupedInt4.ZERO;
        codes[k / 2] |= (byte) (k % 2 == 0 ? stored : stored << 4);
      }
    }
  }

  /**
   * Tries smaller scales. For what a scale rounds the values to, the best scale is a quotient of
   * two sums; that one is tried instead.
   */
  private float search(float[] row, int from, float largest) {
    float best = largest;
    double least = squaredError(row, from, largest);
    for (double part = 1; part >= LEAST; part -= STEP) {
      float scale = fitted(row, from, (float) (part * largest));
      double error = squaredError(row, from, scale);
      if (error < least) {
        least = error;
        best = scale;
      }
    }
    return best;
  }

  /** The scale with the least squared error for the values that another scale rounds to. */
  private float fitted(float[] row, int from, float scale) {
    double products = 0;
    double squares = 0;
    for (int k = from; k < from + group; k++) {
      int q = code(row[k], scale);
      products += (double) q * row[k];
      squares += (double) q * q;
    }
    return squares == 0 ? scale : (float) (products / squares);
  }

  private double squaredError(float[] row, int from, float scale) {
    double sum = 0;
    for (int k = from; k < from + group; k++) {
      double error = (double) scale * code(row[k], scale) - row[k];
      sum += error * error;
    }
    return sum;
  }

  private static int code(float value, float scale) {
    return scale == 0 ? 0 : (int) Math.clamp(Math.rint(value / (double) scale), MIN, MAX);
  }
}
