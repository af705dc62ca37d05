package dev.orrery.kernels.linear;

import dev.orrery.kernels.cpu.CpuKernel;
import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.cpu.FloatView;
import dev.orrery.kernels.tensor.Tensor;

/** Reference: one dot product at a time, double accumulation. */
public final class MatmulCpu extends CpuKernel implements Matmul {
  public MatmulCpu(CpuThreads threads) {
    super(threads);
  }

  @Override
  public void launch(Tensor x, Tensor weight, Tensor bias, Activation activation, Tensor out) {
    int depth = x.size(1);
    int columns = weight.size(0);
    FloatView xs = FloatView.copyOf(x);
    FloatView weights = FloatView.copyOf(weight);
    FloatView biases = bias == null ? null : FloatView.of(bias);
    FloatView outs = FloatView.of(out);
    threads.forEach(
        x.size(0),
        (row, scratch) -> {
          for (int column = 0; column < columns; column++) {
            double sum = biases == null ? 0 : biases.get(column);
            for (int k = 0; k < depth; k++) {
              sum +=
                  (double) xs.get((long) row * depth + k) * weights.get((long) column * depth + k);
            }
            outs.set((long) row * columns + column, activation.apply(sum));
          }
        });
  }
}
