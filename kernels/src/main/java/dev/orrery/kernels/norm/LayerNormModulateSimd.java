package dev.orrery.kernels.norm;

import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.cpu.RowPass;
import dev.orrery.kernels.tensor.Tensor;

/** Vector API; see {@link LayerNormRowSimd} for the precision. */
public final class LayerNormModulateSimd implements LayerNormModulate {
  private final CpuThreads threads;

  public LayerNormModulateSimd(CpuThreads threads) {
    this.threads = threads;
  }

  @Override
  public void launch(Tensor x, Tensor shift, Tensor scale, double eps, Tensor out) {
    int columns = x.size(1);
    int tokensPerFrame = x.size(0) / shift.size(0);
    synchronized (threads) {
      float[] shifts = RowPass.widen(shift, threads.shared(), 0);
      float[] factors = RowPass.widen(scale, threads.shared(), 1);
      for (int i = 0; i < scale.elements(); i++) {
        factors[i] += 1;
      }
      RowPass.run(
          threads,
          x,
          columns,
          out,
          (rows, at, token) -> {
            int frame = token / tokensPerFrame * columns;
            LayerNormRowSimd.run(rows, at, columns, eps, factors, shifts, frame);
          });
    }
  }
}
