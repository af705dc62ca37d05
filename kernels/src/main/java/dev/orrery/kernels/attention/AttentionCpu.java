package dev.orrery.kernels.attention;

import dev.orrery.kernels.cpu.CpuKernel;
import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.cpu.FloatView;
import dev.orrery.kernels.tensor.Tensor;

/** Reference: all scores of one query at a time, double accumulation. */
public final class AttentionCpu extends CpuKernel implements Attention {
  public AttentionCpu(CpuThreads threads) {
    super(threads);
  }

  @Override
  public void launch(Tensor q, Tensor k, Tensor v, int sequences, double scale, Tensor out) {
    int heads = q.size(1);
    int headDim = q.size(2);
    int keys = k.size(0) / sequences;
    int queriesOfSequence = q.size(0) / sequences;
    FloatView queries = FloatView.copyOf(q);
    FloatView keyRows = FloatView.copyOf(k);
    FloatView valueRows = FloatView.copyOf(v);
    FloatView outs = FloatView.of(out);
    threads.forEach(
        q.size(0) * heads,
        (item, scratch) -> {
          int sequence = item / heads / queriesOfSequence;
          long query = (long) item * headDim;
          long row = (long) heads * headDim;
          long first = (long) sequence * keys * row + (long) (item % heads) * headDim;
          AttentionRowCpu.attend(
              queries, query, keyRows, valueRows, first, row, keys, headDim, scale, outs);
        });
  }
}
