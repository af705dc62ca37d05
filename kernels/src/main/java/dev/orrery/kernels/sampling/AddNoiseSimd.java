package dev.orrery.kernels.sampling;

import static dev.orrery.kernels.cpu.SimdTile.LANES;

import dev.orrery.kernels.cpu.CpuKernel;
import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.cpu.Lanes;
import dev.orrery.kernels.cpu.RowPass;
import dev.orrery.kernels.tensor.Tensor;
import jdk.incubator.vector.FloatVector;

/** Vector API: the same bits as the reference, hence no fused multiply-add. */
public final class AddNoiseSimd extends CpuKernel implements AddNoise {
  public AddNoiseSimd(CpuThreads threads) {
    super(threads);
  }

  @Override
  public void launch(Tensor clean, Tensor noise, float sigma, Tensor out) {
    float keep = 1 - sigma;
    RowPass.elements(threads, clean, noise, out, (rows, at, row) -> mix(rows, at, keep, sigma));
  }

  private static void mix(RowPass.Rows rows, long at, float keep, float sigma) {
    for (int i = 0; i < RowPass.BLOCK; i += LANES) {
      FloatVector kept = Lanes.load(rows.x(), at + 4L * i).mul(keep);
      FloatVector added = Lanes.load(rows.y(), at + 4L * i).mul(sigma);
      Lanes.store(kept.add(added), rows.out(), at + 4L * i);
    }
  }
}
