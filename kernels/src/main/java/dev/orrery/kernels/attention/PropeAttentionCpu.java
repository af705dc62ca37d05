package dev.orrery.kernels.attention;

import dev.orrery.kernels.cpu.CpuKernel;
import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.cpu.FloatView;
import dev.orrery.kernels.tensor.Tensor;

/** Reference: transforms the keys and values of a head, then one query at a time, in double. */
public final class PropeAttentionCpu extends CpuKernel implements PropeAttention {
  public PropeAttentionCpu(CpuThreads threads) {
    super(threads);
  }

  @Override
  public void launch(
      Tensor q,
      Tensor k,
      Tensor v,
      Tensor imageFromWorld,
      Tensor worldFromImage,
      int plainKeys,
      double scale,
      Tensor room,
      Tensor out) {
    int queries = q.size(0);
    int keys = k.size(0);
    int headDim = q.size(2);
    int queriesPerFrame = queries / imageFromWorld.size(0);
    int keysPerFrame = (keys - plainKeys) / worldFromImage.size(0);
    FloatView outs = FloatView.of(out);
    threads.forEach(
        q.size(1),
        (head, scratch) -> {
          double[][] keyRows = rows(k, head);
          double[][] valueRows = rows(v, head);
          double[][] queryRows = rows(q, head);
          for (int j = plainKeys; j < keys; j++) {
            int frame = (j - plainKeys) / keysPerFrame;
            keyRows[j] = transformed(keyRows[j], worldFromImage, frame, false);
            valueRows[j] = transformed(valueRows[j], worldFromImage, frame, false);
          }
          for (int i = 0; i < queries; i++) {
            int frame = i / queriesPerFrame;
            double[] query = transformed(queryRows[i], imageFromWorld, frame, true);
            double[] seen = attend(query, keyRows, valueRows, scale);
            double[] row = transformed(seen, imageFromWorld, frame, false);
            for (int d = 0; d < headDim; d++) {
              outs.set(((long) i * q.size(1) + head) * headDim + d, row[d]);
            }
          }
        });
  }

  /** All rows of one head. */
  static double[][] rows(Tensor tokens, int head) {
    FloatView view = FloatView.of(tokens);
    int headDim = tokens.size(2);
    double[][] rows = new double[tokens.size(0)][];
    for (int t = 0; t < rows.length; t++) {
      rows[t] = new double[headDim];
      for (int d = 0; d < headDim; d++) {
        rows[t][d] = view.get(((long) t * tokens.size(1) + head) * headDim + d);
      }
    }
    return rows;
  }

  /** Multiplies every group of a row by the matrix of a frame, or by its transpose. */
  static double[] transformed(double[] row, Tensor matrices, int frame, boolean transpose) {
    FloatView matrix = FloatView.of(matrices.row(frame));
    double[] out = new double[row.length];
    for (int d = 0; d < row.length; d++) {
      int i = d % GROUP;
      for (int j = 0; j < GROUP; j++) {
        out[d] += matrix.get(transpose ? j * GROUP + i : i * GROUP + j) * row[d - i + j];
      }
    }
    return out;
  }

  private static double[] attend(double[] query, double[][] keys, double[][] values, double scale) {
    double[] weights = new double[keys.length];
    for (int j = 0; j < keys.length; j++) {
      for (int d = 0; d < query.length; d++) {
        weights[j] += query[d] * keys[j][d];
      }
      weights[j] *= scale;
    }
    double total = AttentionRowCpu.exponentials(weights);
    double[] out = new double[query.length];
    for (int d = 0; d < query.length; d++) {
      for (int j = 0; j < keys.length; j++) {
        out[d] += weights[j] * values[j][d];
      }
      out[d] /= total;
    }
    return out;
  }
}
