package dev.orrery.kernels.attention;

import dev.orrery.kernels.cpu.CpuKernel;
import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.cpu.FloatView;
import dev.orrery.kernels.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Reference: integer products of one query at a time, softmax and averages in double. */
public final class AttentionInt8Cpu extends CpuKernel implements AttentionInt8 {
  public AttentionInt8Cpu(CpuThreads threads) {
    super(threads);
  }

  @Override
  public void launch(
      Tensor q, Tensor k, Tensor v, Cameras cameras, double scale, Room room, Tensor out) {
    Int8HeadsCpu.quantize(threads, q, k, cameras, room);
    int queries = q.size(0);
    int keys = k.size(0);
    int heads = q.size(1);
    int headDim = q.size(2);
    FloatView queryScales = FloatView.of(room.queryScales());
    FloatView keyScales = FloatView.of(room.keyScales());
    FloatView outs = FloatView.of(out);
    threads.forEach(
        heads,
        (head, scratch) -> {
          double[][] values = values(v, cameras, head);
          for (int i = 0; i < queries; i++) {
            double[] weights = new double[keys];
            for (int j = 0; j < keys; j++) {
              int block = j / KEYS_OF_A_SCALE;
              weights[j] =
                  scale
                      * queryScales.get((long) i * heads + head)
                      * keyScales.get((long) block * heads + head)
                      * product(room, i, j, head);
            }
            double[] row = average(weights, values);
            if (cameras != null) {
              int frame = i / cameras.queriesPerFrame(queries);
              row = PropeAttentionCpu.transformed(row, cameras.imageFromWorld(), frame, false);
            }
            for (int d = 0; d < headDim; d++) {
              outs.set(((long) i * heads + head) * headDim + d, row[d]);
            }
          }
        });
  }

  /** The exact product of a query and a key in int8. */
  private static int product(Room room, int query, int key, int head) {
    MemorySegment queries = room.queries().segment();
    MemorySegment keys = room.keys().segment();
    int heads = room.keys().size(1);
    int headDim = room.keys().size(2);
    long ofQuery = ((long) query * heads + head) * headDim;
    long ofKey = ((long) key * heads + head) * headDim;
    int sum = 0;
    for (int d = 0; d < headDim; d++) {
      sum +=
          queries.get(ValueLayout.JAVA_BYTE, ofQuery + d)
              * keys.get(ValueLayout.JAVA_BYTE, ofKey + d);
    }
    return sum;
  }

  /** The values of a head, transformed if they belong to frames. */
  private static double[][] values(Tensor v, Cameras cameras, int head) {
    double[][] values = PropeAttentionCpu.rows(v, head);
    if (cameras != null) {
      int plain = cameras.plainKeys();
      for (int j = plain; j < values.length; j++) {
        int frame = (j - plain) / cameras.keysPerFrame(values.length);
        values[j] =
            PropeAttentionCpu.transformed(values[j], cameras.worldFromImage(), frame, false);
      }
    }
    return values;
  }

  private static double[] average(double[] scores, double[][] values) {
    double total = AttentionRowCpu.exponentials(scores);
    double[] out = new double[values[0].length];
    for (int d = 0; d < out.length; d++) {
      for (int j = 0; j < values.length; j++) {
        out[d] += scores[j] * values[j][d];
      }
      out[d] /= total;
    }
    return out;
  }
}
