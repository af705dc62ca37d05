package dev.orrery.kernels.attention;

import dev.orrery.kernels.cpu.FloatView;

/** Attention of one query of one head, which the references of both attentions share. */
final class SoftmaxRow {
  private SoftmaxRow() {}

  /**
   * Computes one query.
   *
   * @param query first element of the query, and of its output
   * @param first first element of the head in key 0 and in value 0
   * @param stride elements from one key to the next
   */
  static void attend(
      FloatView queries,
      long query,
      FloatView keyRows,
      FloatView valueRows,
      long first,
      long stride,
      int keys,
      int headDim,
      double scale,
      FloatView outs) {
    double[] weights = new double[keys];
    double largest = Double.NEGATIVE_INFINITY;
    for (int j = 0; j < keys; j++) {
      double dot = 0;
      for (int d = 0; d < headDim; d++) {
        dot += (double) queries.get(query + d) * keyRows.get(first + j * stride + d);
      }
      weights[j] = scale * dot;
      largest = Math.max(largest, weights[j]);
    }
    double total = 0;
    for (int j = 0; j < keys; j++) {
      weights[j] = Math.exp(weights[j] - largest);
      total += weights[j];
    }
    for (int d = 0; d < headDim; d++) {
      double sum = 0;
      for (int j = 0; j < keys; j++) {
        sum += weights[j] * valueRows.get(first + j * stride + d);
      }
      outs.set(query + d, sum / total);
    }
  }
}
