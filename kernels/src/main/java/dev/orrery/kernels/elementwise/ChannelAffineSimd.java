package dev.orrery.kernels.elementwise;

import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.cpu.RowAffine;
import dev.orrery.kernels.cpu.RowPass;
import dev.orrery.kernels.tensor.Tensor;

/** Vector API. */
public final class ChannelAffineSimd implements ChannelAffine {
  private final CpuThreads threads;

  public ChannelAffineSimd(CpuThreads threads) {
    this.threads = threads;
  }

  @Override
  public void launch(Tensor x, Tensor scale, Tensor offset, Tensor out) {
    int columns = x.size(1);
    synchronized (threads) {
      float[] scales = RowPass.widen(scale, threads.shared(), 0);
      float[] offsets = RowPass.widen(offset, threads.shared(), 1);
      RowPass.run(
          threads,
          x,
          columns,
          out,
          (values, at, row, scratch) ->
              RowAffine.run(values, at, columns, scales, offsets, 0));
    }
  }
}
