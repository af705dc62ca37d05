package dev.orrery.kernels.norm;

import static dev.orrery.kernels.cpu.SimdTile.LANES;
import static dev.orrery.kernels.cpu.SimdTile.SPECIES;

import dev.orrery.kernels.cpu.CpuKernel;
import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.cpu.Lanes;
import dev.orrery.kernels.cpu.RowPass;
import dev.orrery.kernels.cpu.RowSum;
import dev.orrery.kernels.cpu.Scratch;
import dev.orrery.kernels.tensor.Tensor;
import jdk.incubator.vector.FloatVector;

/** Vector API. The squares of a row are summed in fp32, so they must stay below 3e38. */
public final class RmsNormSimd extends CpuKernel implements RmsNorm {
  private static final Scratch.Floats WEIGHTS = new Scratch.Floats();

  public RmsNormSimd(CpuThreads threads) {
    super(threads);
  }

  @Override
  public void launch(Tensor x, Tensor weight, double eps, Tensor out) {
    int columns = x.size(1);
    synchronized (threads) {
      float[] weights = weight == null ? null : RowPass.widen(weight, threads.shared(), WEIGHTS);
      RowPass.run(
          threads,
          x,
          columns,
          out,
          (rows, at, row) -> {
            double mean = (double) RowSum.squares(rows.x(), at, columns) / columns;
            scale(rows, at, columns, (float) (1 / Math.sqrt(mean + eps)), weights);
          });
    }
  }

  private static void scale(RowPass.Rows rows, long at, int columns, float scale, float[] weights) {
    for (int i = 0; i < columns; i += LANES) {
      FloatVector scaled = Lanes.load(rows.x(), at + 4L * i).mul(scale);
      if (weights != null) {
        scaled = scaled.mul(FloatVector.fromArray(SPECIES, weights, i));
      }
      Lanes.store(scaled, rows.out(), at + 4L * i);
    }
  }
}
