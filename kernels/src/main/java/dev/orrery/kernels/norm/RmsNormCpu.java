package dev.orrery.kernels.norm;

import dev.orrery.kernels.cpu.CpuKernel;
import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.cpu.FloatView;
import dev.orrery.kernels.tensor.Tensor;

/** Reference: one row at a time, double accumulation. */
public final class RmsNormCpu extends CpuKernel implements RmsNorm {
  public RmsNormCpu(CpuThreads threads) {
    super(threads);
  }

  @Override
  public void launch(Tensor x, Tensor weight, double eps, Tensor out) {
    int columns = x.size(1);
    FloatView xs = FloatView.of(x);
    FloatView weights = weight == null ? null : FloatView.of(weight);
    FloatView outs = FloatView.of(out);
    threads.forEach(
        x.size(0),
        (row, scratch) -> {
          long at = (long) row * columns;
          double squares = 0;
          for (int c = 0; c < columns; c++) {
            squares += (double) xs.get(at + c) * xs.get(at + c);
          }
          double scale = 1 / Math.sqrt(squares / columns + eps);
          for (int c = 0; c < columns; c++) {
            outs.set(at + c, xs.get(at + c) * scale * (weights == null ? 1 : weights.get(c)));
          }
        });
  }
}
