package dev.orrery.kernels.elementwise;

import static dev.orrery.kernels.cpu.SimdTile.LANES;

import dev.orrery.kernels.cpu.CpuKernel;
import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.cpu.Lanes;
import dev.orrery.kernels.cpu.RowPass;
import dev.orrery.kernels.tensor.Tensor;
import jdk.incubator.vector.FloatVector;

/** Vector API. */
public final class MultiplySimd extends CpuKernel implements Multiply {
  public MultiplySimd(CpuThreads threads) {
    super(threads);
  }

  @Override
  public void launch(Tensor a, Tensor b, Tensor out) {
    RowPass.elements(threads, a, b, out, MultiplySimd::multiply);
  }

  private static void multiply(RowPass.Rows rows, long at, int row) {
    for (int i = 0; i < RowPass.BLOCK; i += LANES) {
      long offset = at + 4L * i;
      FloatVector product = Lanes.load(rows.x(), offset).mul(Lanes.load(rows.y(), offset));
      Lanes.store(product, rows.out(), offset);
    }
  }
}
