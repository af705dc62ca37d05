package dev.orrery.kernels.attention;

import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.cpu.FloatView;
import dev.orrery.kernels.tensor.Tensor;

/** Reference: all scores of one query at a time, double accumulation. */
public final class TemporalAttentionCpu implements TemporalAttention {
  private final CpuThreads threads;

  /**
   * @param threads threads to compute with
   */
  public TemporalAttentionCpu(CpuThreads threads) {
    this.threads = threads;
  }

  @Override
  public void launch(Tensor q, Tensor k, Tensor v, double scale, Tensor out) {
    int headDim = q.size(3);
    int lines = q.size(1) * q.size(2);
    int keys = k.size(0);
    FloatView queries = FloatView.of(q);
    FloatView keyRows = FloatView.of(k);
    FloatView valueRows = FloatView.of(v);
    FloatView outs = FloatView.of(out);
    threads.forEach(
        q.size(0) * lines,
        (item, scratch) -> {
          long query = (long) item * headDim;
          long line = (long) (item % lines) * headDim;
          long frame = (long) lines * headDim;
          AttentionRowCpu.attend(
              queries, query, keyRows, valueRows, line, frame, keys, headDim, scale, outs);
        });
  }
}
