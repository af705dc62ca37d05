package dev.orrery.kernels.norm;

import dev.orrery.kernels.cpu.CpuKernel;
import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.cpu.RowPass;
import dev.orrery.kernels.cpu.Scratch;
import dev.orrery.kernels.tensor.Tensor;

/** Vector API; see {@link LayerNormRowSimd} for the precision. */
public final class LayerNormModulateSimd extends CpuKernel implements LayerNormModulate {
  private static final Scratch.Floats SHIFTS = new Scratch.Floats();
  private static final Scratch.Floats FACTORS = new Scratch.Floats();

  public LayerNormModulateSimd(CpuThreads threads) {
    super(threads);
  }

  @Override
  public void launch(Tensor x, Tensor shift, Tensor scale, double eps, Tensor out) {
    int columns = x.size(1);
    int tokensPerFrame = x.size(0) / shift.size(0);
    synchronized (threads) {
      float[] shifts = RowPass.widen(shift, threads.shared(), SHIFTS);
      float[] factors = RowPass.widen(scale, threads.shared(), FACTORS);
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
