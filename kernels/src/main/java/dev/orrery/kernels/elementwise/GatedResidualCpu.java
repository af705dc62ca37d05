package dev.orrery.kernels.elementwise;

import dev.orrery.kernels.cpu.CpuKernel;
import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.cpu.FloatView;
import dev.orrery.kernels.tensor.Tensor;

/** Reference: one element at a time. */
public final class GatedResidualCpu extends CpuKernel implements GatedResidual {
  public GatedResidualCpu(CpuThreads threads) {
    super(threads);
  }

  @Override
  public void launch(Tensor x, Tensor y, Tensor gate, Tensor out) {
    int columns = x.size(1);
    int tokensPerFrame = x.size(0) / gate.size(0);
    FloatView xs = FloatView.of(x);
    FloatView ys = FloatView.of(y);
    FloatView gates = FloatView.of(gate);
    FloatView outs = FloatView.of(out);
    threads.forEach(
        x.size(0),
        (token, scratch) -> {
          long at = (long) token * columns;
          long frame = (long) (token / tokensPerFrame) * columns;
          for (int c = 0; c < columns; c++) {
            outs.set(at + c, xs.get(at + c) + (double) ys.get(at + c) * gates.get(frame + c));
          }
        });
  }
}
