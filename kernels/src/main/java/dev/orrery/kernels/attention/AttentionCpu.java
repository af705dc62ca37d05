package dev.orrery.kernels.attention;

import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.cpu.FloatView;
import dev.orrery.kernels.tensor.Tensor;

/** Reference: all scores of one query at a time, double accumulation. */
public final class AttentionCpu implements Attention {
  private final CpuThreads threads;

  /**
   * @param threads threads to compute with
   */
  public AttentionCpu(CpuThreads threads) {
    this.threads = threads;
  }

  @Override
  public void launch(Tensor q, Tensor k, Tensor v, double scale, Tensor out) {
    int heads = q.size(1);
    int headDim = q.size(2);
    int keys = k.size(0);
    FloatView queries = FloatView.of(q);
    FloatView keyRows = FloatView.of(k);
    FloatView valueRows = FloatView.of(v);
    FloatView outs = FloatView.of(out);
    threads.forEach(
        q.size(0) * heads,
        (item, scratch) -> {
          long query = (long) item * headDim;
          long head = (long) (item % heads) * headDim;
          long row = (long) heads * headDim;
          AttentionRowCpu.attend(
              queries, query, keyRows, valueRows, head, row, keys, headDim, scale, outs);
        });
  }
}
