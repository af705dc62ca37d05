package dev.orrery.model.t5;

import dev.orrery.kernels.tensor.Tensor;

/**
 * Which learned bias belongs to which distance of two tokens. Half of the buckets are for keys
 * behind the query, half for those before it and itself; in each half, the first half are single
 * distances, and the others cover ranges that grow exponentially.
 *
 * <p>Source: T5, {@code _relative_position_bucket}, bidirectional.
 */
public final class RelativeBuckets {
  private RelativeBuckets() {}

  /**
   * The bucket of a distance.
   *
   * @param distance index of the key minus index of the query
   */
  public static int of(int distance, T5Config config) {
    int half = config.buckets() / 2;
    int exact = half / 2;
    int base = distance > 0 ? half : 0;
    int far = Math.abs(distance);
    if (far < exact) {
      return base + far;
    }
    // In fp32 like the reference, for distances on the border of two buckets.
    float share =
        (float) Math.log((float) far / exact)
            / (float) Math.log((double) config.maxDistance() / exact);
    int step = (int) (share * (half - exact));
    return base + Math.min(half - 1, exact + step);
  }

  /**
   * Rows that pick a bucket each, {@code [2 tokens - 1, buckets]}: row r is for distance {@code r -
   * (tokens - 1)}. Multiplied with the table of a layer they give the biases of all distances,
   * exactly.
   */
  static Tensor oneHot(int tokens, T5Config config) {
    int rows = 2 * tokens - 1;
    float[] values = new float[rows * config.buckets()];
    for (int row = 0; row < rows; row++) {
      values[row * config.buckets() + of(row - (tokens - 1), config)] = 1;
    }
    return Tensor.of(values, rows, config.buckets());
  }
}
