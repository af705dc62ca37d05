package dev.orrery.kernels.attention;

import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.cpu.FloatView;
import dev.orrery.kernels.linear.quantized.RowScale;
import dev.orrery.kernels.tensor.Tensor;
import java.util.Arrays;

/** Quantises the queries and keys of an {@link AttentionInt8}, for both CPU backends. */
final class Int8HeadsCpu {
  private static final float LIMIT = 127;

  private final FloatView tokens;
  private final int count;
  private final int heads;
  private final int headDim;
  private final Tensor matrices;
  private final int plain;
  private final int tokensPerFrame;
  private final boolean transpose;

  /**
   * @param matrices of the frames, or null
   * @param plain first tokens that belong to no frame
   */
  private Int8HeadsCpu(
      Tensor tokens, Tensor matrices, int plain, int tokensPerFrame, boolean transpose) {
    this.tokens = FloatView.of(tokens);
    count = tokens.size(0);
    heads = tokens.size(1);
    headDim = tokens.size(2);
    this.matrices = matrices;
    this.plain = plain;
    this.tokensPerFrame = tokensPerFrame;
    this.transpose = transpose;
  }

  /** Fills the room for queries, keys and their scales. */
  static void quantize(
      CpuThreads threads, Tensor q, Tensor k, Cameras cameras, AttentionInt8.Room room) {
    Int8HeadsCpu queries = new Int8HeadsCpu(q, null, 0, 1, true);
    Int8HeadsCpu keys = new Int8HeadsCpu(k, null, 0, 1, false);
    if (cameras != null) {
      int perFrame = cameras.queriesPerFrame(q.size(0));
      queries = new Int8HeadsCpu(q, cameras.imageFromWorld(), 0, perFrame, true);
      int plain = cameras.plainKeys();
      perFrame = cameras.keysPerFrame(k.size(0));
      keys = new Int8HeadsCpu(k, cameras.worldFromImage(), plain, perFrame, false);
    }
    queries.quantize(threads, 1, room.queries(), room.queryScales());
    keys.quantize(threads, AttentionInt8.KEYS_OF_A_SCALE, room.keys(), room.keyScales());
  }

  /**
   * Quantises all of them, less their mean where several share a scale.
   *
   * @param together tokens of a head that share a scale
   */
  private void quantize(CpuThreads threads, int together, Tensor values, Tensor scales) {
    FloatView to = FloatView.of(values);
    FloatView toScales = FloatView.of(scales);
    float[][] means = new float[heads][headDim];
    if (together > 1) {
      threads.forEach(heads, (head, scratch) -> means[head] = mean(head));
    }
    threads.forEach(
        Math.ceilDiv(count, together) * heads,
        (item, scratch) -> {
          int head = item % heads;
          int first = item / heads * together;
          int size = Math.min(together, count - first);
          float[][] rows = new float[size][];
          float largest = 0;
          for (int i = 0; i < size; i++) {
            rows[i] = row(first + i, head);
            for (int d = 0; d < headDim; d++) {
              rows[i][d] -= means[head][d];
              largest = Math.max(largest, Math.abs(rows[i][d]));
            }
          }
          RowScale scale = RowScale.of(largest, LIMIT);
          toScales.set(item, scale.scale());
          for (int i = 0; i < size; i++) {
            long at = ((long) (first + i) * heads + head) * headDim;
            for (int d = 0; d < headDim; d++) {
              to.set(at + d, scale.factor() == 0 ? 0 : rows[i][d] * scale.factor());
            }
          }
        });
  }

  /** The mean of some rows of a head, in the order of the contract's sums. */
  private float[] mean(int head) {
    int keys = Math.min(count, AttentionInt8.KEYS_OF_MEAN);
    float[][] sums = new float[AttentionInt8.SUMS_OF_MEAN][headDim];
    for (int i = 0; i < keys; i++) {
      float[] row = row((int) ((long) i * count / keys), head);
      for (int d = 0; d < headDim; d++) {
        sums[i % sums.length][d] += row[d];
      }
    }
    float[] mean = sums[0];
    for (int s = 1; s < sums.length; s++) {
      for (int d = 0; d < headDim; d++) {
        mean[d] += sums[s][d];
      }
    }
    for (int d = 0; d < headDim; d++) {
      mean[d] /= keys;
    }
    return mean;
  }

  /** One head of a token, transformed if it belongs to a frame. */
  private float[] row(int token, int head) {
    float[] row = new float[headDim];
    tokens.copy(((long) token * heads + head) * headDim, row, 0, headDim);
    if (matrices == null || token < plain) {
      return row;
    }
    double[] exact = new double[headDim];
    Arrays.setAll(exact, d -> row[d]);
    int frame = (token - plain) / tokensPerFrame;
    double[] seen = PropeAttentionCpu.transformed(exact, matrices, frame, transpose);
    for (int d = 0; d < headDim; d++) {
      row[d] = (float) seen[d];
    }
    return row;
  }
}
