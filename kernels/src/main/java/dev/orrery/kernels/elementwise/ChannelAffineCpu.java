package dev.orrery.kernels.elementwise;

import dev.orrery.kernels.cpu.CpuKernel;
import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.cpu.FloatView;
import dev.orrery.kernels.tensor.Tensor;

/** Reference: one element at a time. */
public final class ChannelAffineCpu extends CpuKernel implements ChannelAffine {
  public ChannelAffineCpu(CpuThreads threads) {
    super(threads);
  }

  @Override
  public void launch(Tensor x, Tensor scale, Tensor offset, Tensor out) {
    int columns = x.size(1);
    FloatView xs = FloatView.of(x);
    FloatView scales = FloatView.of(scale);
    FloatView offsets = FloatView.of(offset);
    FloatView outs = FloatView.of(out);
    threads.forEach(
        x.size(0),
        (row, scratch) -> {
          long at = (long) row * columns;
          for (int c = 0; c < columns; c++) {
            outs.set(at + c, (double) xs.get(at + c) * scales.get(c) + offsets.get(c));
          }
        });
  }
}
