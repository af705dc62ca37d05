package dev.orrery.kernels.linear;

import dev.orrery.kernels.cpu.CpuKernel;
import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.cpu.FloatView;
import dev.orrery.kernels.tensor.Tensor;

/** Reference: one dot product at a time, double accumulation. */
public final class MatmulResidualCpu extends CpuKernel implements MatmulResidual {
  public MatmulResidualCpu(CpuThreads threads) {
    super(threads);
  }

  @Override
  public void launch(Tensor x, Tensor weight, Tensor bias, Tensor gate, Tensor residual) {
    int depth = x.size(1);
    int columns = weight.size(0);
    int rowsPerFrame = MatmulResidual.rowsPerFrame(x, gate);
    FloatView xs = FloatView.copyOf(x);
    FloatView weights = FloatView.copyOf(weight);
    FloatView biases = bias == null ? null : FloatView.of(bias);
    FloatView gates = gate == null ? null : FloatView.of(gate);
    FloatView residuals = FloatView.of(residual);
    threads.forEach(
        x.size(0),
        (row, scratch) -> {
          long gateAt = (long) (row / rowsPerFrame) * columns;
          for (int column = 0; column < columns; column++) {
            double sum = biases == null ? 0 : biases.get(column);
            for (int k = 0; k < depth; k++) {
              sum +=
                  (double) xs.get((long) row * depth + k) * weights.get((long) column * depth + k);
            }
            double factor = gates == null ? 1 : gates.get(gateAt + column);
            long at = (long) row * columns + column;
            residuals.set(at, residuals.get(at) + factor * sum);
          }
        });
  }
}
