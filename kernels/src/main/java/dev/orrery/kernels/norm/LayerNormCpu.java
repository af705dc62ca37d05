package dev.orrery.kernels.norm;

import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.cpu.FloatView;
import dev.orrery.kernels.tensor.Tensor;

/** Reference: one row at a time, double accumulation. */
public final class LayerNormCpu implements LayerNorm {
  private final CpuThreads threads;

  public LayerNormCpu(CpuThreads threads) {
    this.threads = threads;
  }

  @Override
  public void launch(Tensor x, Tensor weight, Tensor bias, double eps, Tensor out) {
    int columns = x.size(1);
    FloatView xs = FloatView.of(x);
    FloatView weights = FloatView.of(weight);
    FloatView biases = FloatView.of(bias);
    FloatView outs = FloatView.of(out);
    threads.forEach(
        x.size(0),
        (row, scratch) -> {
          long at = (long) row * columns;
          MomentsCpu moments = MomentsCpu.of(xs, at, columns);
          double deviation = Math.sqrt(moments.variance() + eps);
          for (int c = 0; c < columns; c++) {
            double normalized = (xs.get(at + c) - moments.mean()) / deviation;
            outs.set(at + c, normalized * weights.get(c) + biases.get(c));
          }
        });
  }
}
