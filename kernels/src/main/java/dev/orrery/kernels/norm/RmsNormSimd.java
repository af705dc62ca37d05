package dev.orrery.kernels.norm;

import static dev.orrery.kernels.cpu.SimdTile.LANES;
import static dev.orrery.kernels.cpu.SimdTile.SPECIES;

import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.cpu.RowPass;
import dev.orrery.kernels.cpu.RowSum;
import dev.orrery.kernels.tensor.Tensor;
import jdk.incubator.vector.FloatVector;

/** Vector API. The squares of a row are summed in fp32, so they must stay below 3e38. */
public final class RmsNormSimd implements RmsNorm {
  private final CpuThreads threads;

  public RmsNormSimd(CpuThreads threads) {
    this.threads = threads;
  }

  @Override
  public void launch(Tensor x, Tensor weight, double eps, Tensor out) {
    int columns = x.size(1);
    synchronized (threads) {
      float[] weights = weight == null ? null : RowPass.widen(weight, threads.shared(), 0);
      RowPass.run(
          threads,
          x,
          columns,
          out,
          (values, at, row, scratch) -> {
            double mean = (double) RowSum.squares(values, at, columns) / columns;
            scale(values, at, columns, (float) (1 / Math.sqrt(mean + eps)), weights);
          });
    }
  }

  private static void scale(float[] values, int at, int columns, float scale, float[] weights) {
    for (int i = 0; i < columns; i += LANES) {
      FloatVector scaled = FloatVector.fromArray(SPECIES, values, at + i).mul(scale);
      if (weights != null) {
        scaled = scaled.mul(FloatVector.fromArray(SPECIES, weights, i));
      }
      scaled.intoArray(values, at + i);
    }
  }
}
