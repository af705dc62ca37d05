package dev.orrery.kernels.norm;

import dev.orrery.kernels.cpu.CpuKernel;
import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.cpu.RowPass;
import dev.orrery.kernels.cpu.Scratch;
import dev.orrery.kernels.tensor.Tensor;

/** Vector API; see {@link LayerNormRowSimd} for the precision. */
public final class LayerNormSimd extends CpuKernel implements LayerNorm {
  private static final Scratch.Floats WEIGHTS = new Scratch.Floats();
  private static final Scratch.Floats BIASES = new Scratch.Floats();

  public LayerNormSimd(CpuThreads threads) {
    super(threads);
  }

  @Override
  public void launch(Tensor x, Tensor weight, Tensor bias, double eps, Tensor out) {
    int columns = x.size(1);
    synchronized (threads) {
      float[] weights = RowPass.widen(weight, threads.shared(), WEIGHTS);
      float[] biases = RowPass.widen(bias, threads.shared(), BIASES);
      RowPass.run(
          threads,
          x,
          columns,
          out,
          (rows, at, row) -> LayerNormRowSimd.run(rows, at, columns, eps, weights, biases, 0));
    }
  }
}
