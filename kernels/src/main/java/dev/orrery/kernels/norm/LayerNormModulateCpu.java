package dev.orrery.kernels.norm;

import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.cpu.FloatView;
import dev.orrery.kernels.tensor.Tensor;

/** Reference: one token at a time, double accumulation. */
public final class LayerNormModulateCpu implements LayerNormModulate {
  private final CpuThreads threads;

  public LayerNormModulateCpu(CpuThreads threads) {
    this.threads = threads;
  }

  @Override
  public void launch(Tensor x, Tensor shift, Tensor scale, double eps, Tensor out) {
    int columns = x.size(1);
    int tokensPerFrame = x.size(0) / shift.size(0);
    FloatView xs = FloatView.of(x);
    FloatView shifts = FloatView.of(shift);
    FloatView scales = FloatView.of(scale);
    FloatView outs = FloatView.of(out);
    threads.forEach(
        x.size(0),
        (token, scratch) -> {
          long at = (long) token * columns;
          long frame = (long) (token / tokensPerFrame) * columns;
          MomentsCpu moments = MomentsCpu.of(xs, at, columns);
          double deviation = Math.sqrt(moments.variance() + eps);
          for (int c = 0; c < columns; c++) {
            double normalized = (xs.get(at + c) - moments.mean()) / deviation;
            outs.set(at + c, normalized * (1.0 + scales.get(frame + c)) + shifts.get(frame + c));
          }
        });
  }
}
