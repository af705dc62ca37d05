package dev.orrery.kernels.elementwise;

import dev.orrery.kernels.cpu.CpuKernel;
import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.cpu.FloatView;
import dev.orrery.kernels.tensor.Tensor;

/** Reference: one row at a time, double accumulation. */
public final class SoftmaxCpu extends CpuKernel implements Softmax {
  public SoftmaxCpu(CpuThreads threads) {
    super(threads);
  }

  @Override
  public void launch(Tensor x, Tensor out) {
    int columns = x.size(1);
    FloatView xs = FloatView.of(x);
    FloatView outs = FloatView.of(out);
    threads.forEach(
        x.size(0),
        (row, scratch) -> {
          long at = (long) row * columns;
          double largest = Double.NEGATIVE_INFINITY;
          for (int c = 0; c < columns; c++) {
            largest = Math.max(largest, xs.get(at + c));
          }
          double sum = 0;
          for (int c = 0; c < columns; c++) {
            sum += Math.exp(xs.get(at + c) - largest);
          }
          for (int c = 0; c < columns; c++) {
            outs.set(at + c, Math.exp(xs.get(at + c) - largest) / sum);
          }
        });
  }
}
