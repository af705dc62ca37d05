package dev.orrery.kernels.norm;

import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.cpu.RowPass;
import dev.orrery.kernels.tensor.Tensor;

/** Vector API; see {@link LayerNormRowSimd} for the precision. */
public final class LayerNormSimd implements LayerNorm {
  private final CpuThreads threads;

  public LayerNormSimd(CpuThreads threads) {
    this.threads = threads;
  }

  @Override
  public void launch(Tensor x, Tensor weight, Tensor bias, double eps, Tensor out) {
    int columns = x.size(1);
    synchronized (threads) {
      float[] weights = RowPass.widen(weight, threads.shared(), 0);
      float[] biases = RowPass.widen(bias, threads.shared(), 1);
      RowPass.run(
          threads,
          x,
          columns,
          out,
          (rows, at, row) -> LayerNormRowSimd.run(rows, at, columns, eps, weights, biases, 0));
    }
  }
}
