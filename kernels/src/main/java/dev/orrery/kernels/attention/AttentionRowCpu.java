package dev.orrery.kernels.attention;

import dev.orrery.kernels.cpu.FloatView;
import java.util.Arrays;

/** Attention of one query of one head, which the references of all attentions share. */
final class AttentionRowCpu {
  private AttentionRowCpu() {}

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
    double[] scores = scores(queries, query, keyRows, first, stride, keys, headDim);
    for (int j = 0; j < keys; j++) {
      scores[j] *= scale;
    }
    average(scores, valueRows, first, stride, headDim, outs, query);
  }

  /** Products of one query with all keys; arguments as in {@link #attend}. */
  static double[] scores(
      FloatView queries,
      long query,
      FloatView keyRows,
      long first,
      long stride,
      int keys,
      int headDim) {
    double[] scores = new double[keys];
    for (int j = 0; j < keys; j++) {
      double dot = 0;
      for (int d = 0; d < headDim; d++) {
        dot += (double) queries.get(query + d) * keyRows.get(first + j * stride + d);
      }
      scores[j] = dot;
    }
    return scores;
  }

  /**
   * Average of all values, weighted by the softmax of their scores.
   *
   * @param scores one for each value; replaced
   * @param to first element of the result
   */
  static void average(
      double[] scores,
      FloatView valueRows,
      long first,
      long stride,
      int headDim,
      FloatView outs,
      long to) {
    int keys = scores.length;
    double total = exponentials(scores);
    for (int d = 0; d < headDim; d++) {
      double sum = 0;
      for (int j = 0; j < keys; j++) {
        sum += scores[j] * valueRows.get(first + j * stride + d);
      }
      outs.set(to + d, sum / total);
    }
  }

  /** Replaces scores by their exponentials relative to the largest one and returns the sum. */
  static double exponentials(double[] scores) {
    double largest = Arrays.stream(scores).max().orElseThrow();
    double total = 0;
    for (int j = 0; j < scores.length; j++) {
      scores[j] = Math.exp(scores[j] - largest);
      total += scores[j];
    }
    return total;
  }
}
