package dev.orrery.kernels.elementwise;

import static dev.orrery.kernels.cpu.SimdTile.LANES;

import dev.orrery.kernels.cpu.CpuKernel;
import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.cpu.Lanes;
import dev.orrery.kernels.cpu.RowPass;
import dev.orrery.kernels.cpu.VectorMath;
import dev.orrery.kernels.tensor.Tensor;

/** Vector API. */
public final class SiluSimd extends CpuKernel implements Silu {
  public SiluSimd(CpuThreads threads) {
    super(threads);
  }

  @Override
  public void launch(Tensor x, Tensor out) {
    RowPass.elements(threads, x, out, SiluSimd::silu);
  }

  private static void silu(RowPass.Rows rows, long at, int row) {
    for (int i = 0; i < RowPass.BLOCK; i += LANES) {
      Lanes.store(VectorMath.silu(Lanes.load(rows.x(), at + 4L * i)), rows.out(), at + 4L * i);
    }
  }
}
