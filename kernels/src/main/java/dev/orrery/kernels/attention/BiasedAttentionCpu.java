package dev.orrery.kernels.attention;

import dev.orrery.kernels.cpu.CpuKernel;
import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.cpu.FloatView;
import dev.orrery.kernels.tensor.Tensor;

/** Reference: all scores of one query at a time, double accumulation. */
public final class BiasedAttentionCpu extends CpuKernel implements BiasedAttention {
  public BiasedAttentionCpu(CpuThreads threads) {
    super(threads);
  }

  @Override
  public void launch(Tensor q, Tensor k, Tensor v, Tensor bias, double scale, Tensor out) {
    int heads = q.size(1);
    int queriesOfKey = heads / k.size(1);
    int headDim = q.size(2);
    int keys = k.size(0);
    int distances = bias.size(1);
    FloatView queries = FloatView.copyOf(q);
    FloatView keyRows = FloatView.copyOf(k);
    FloatView valueRows = FloatView.copyOf(v);
    FloatView biases = FloatView.copyOf(bias);
    FloatView outs = FloatView.of(out);
    threads.forEach(
        q.size(0) * heads,
        (item, scratch) -> {
          int query = item / heads;
          int head = item % heads;
          long at = (long) item * headDim;
          long first = (long) (head / queriesOfKey) * headDim;
          long row = (long) k.size(1) * headDim;
          double[] scores = AttentionRowCpu.scores(queries, at, keyRows, first, row, keys, headDim);
          long nearest = (long) head * distances + q.size(0) - 1 - query;
          for (int j = 0; j < keys; j++) {
            scores[j] = scale * scores[j] + biases.get(nearest + j);
          }
          AttentionRowCpu.average(scores, valueRows, first, row, headDim, outs, at);
        });
  }
}
