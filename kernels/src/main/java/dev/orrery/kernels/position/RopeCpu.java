package dev.orrery.kernels.position;

import dev.orrery.kernels.cpu.CpuKernel;
import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.cpu.FloatView;
import dev.orrery.kernels.tensor.Tensor;

/** Reference: one pair at a time. */
public final class RopeCpu extends CpuKernel implements Rope {
  public RopeCpu(CpuThreads threads) {
    super(threads);
  }

  @Override
  public void launch(Tensor x, Tensor table, Pairs layout, Tensor out) {
    int heads = x.size(1);
    int headDim = x.size(2);
    int pairs = table.size(1);
    boolean neighbours = layout == Pairs.NEIGHBOURS;
    int tokensPerRow = x.size(0) / table.size(0);
    FloatView xs = FloatView.of(x);
    FloatView tables = FloatView.of(table);
    FloatView outs = FloatView.of(out);
    threads.forEach(
        x.size(0),
        (token, scratch) -> {
          long angles = (long) (token / tokensPerRow) * pairs * 2;
          for (int head = 0; head < heads; head++) {
            long at = ((long) token * heads + head) * headDim;
            for (int p = 0; p < pairs; p++) {
              double cos = tables.get(angles + 2 * p);
              double sin = tables.get(angles + 2 * p + 1);
              long first = at + (neighbours ? 2 * p : p);
              long second = first + (neighbours ? 1 : pairs);
              double a = xs.get(first);
              double b = xs.get(second);
              outs.set(first, a * cos - b * sin);
              outs.set(second, b * cos + a * sin);
            }
            for (int d = 2 * pairs; d < headDim; d++) {
              outs.set(at + d, xs.get(at + d));
            }
          }
        });
  }
}
