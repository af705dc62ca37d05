package dev.orrery.kernels.elementwise;

import static dev.orrery.kernels.cpu.SimdTile.LANES;

import dev.orrery.kernels.cpu.CpuKernel;
import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.cpu.Lanes;
import dev.orrery.kernels.cpu.RowPass;
import dev.orrery.kernels.tensor.Tensor;
import jdk.incubator.vector.FloatVector;

/** Vector API. */
public final class AddSimd extends CpuKernel implements Add {
  public AddSimd(CpuThreads threads) {
    super(threads);
  }

  @Override
  public void launch(Tensor a, Tensor b, Tensor out) {
    RowPass.elements(threads, a, b, out, AddSimd::add);
  }

  private static void add(RowPass.Rows rows, long at, int row) {
    for (int i = 0; i < RowPass.BLOCK; i += LANES) {
      long offset = at + 4L * i;
      FloatVector sum = Lanes.load(rows.x(), offset).add(Lanes.load(rows.y(), offset));
      Lanes.store(sum, rows.out(), offset);
    }
  }
}
