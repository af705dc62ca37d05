package dev.orrery.kernels.norm;

import static dev.orrery.kernels.cpu.SimdTile.LANES;
import static dev.orrery.kernels.cpu.SimdTile.SPECIES;

import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.cpu.LaneSum;
import dev.orrery.kernels.cpu.RowPass;
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
            double mean = (double) squares(values, at, columns) / columns;
            scale(values, at, columns, (float) (1 / Math.sqrt(mean + eps)), weights);
          });
    }
  }

  /** Sum of the squares of a padded row. */
  static float squares(float[] values, int at, int columns) {
    FloatVector even = FloatVector.zero(SPECIES);
    FloatVector odd = FloatVector.zero(SPECIES);
    int i = 0;
    for (; i + LANES < columns; i += 2 * LANES) {
      FloatVector first = FloatVector.fromArray(SPECIES, values, at + i);
      FloatVector second = FloatVector.fromArray(SPECIES, values, at + i + LANES);
      even = first.fma(first, even);
      odd = second.fma(second, odd);
    }
    if (i < columns) {
      FloatVector last = FloatVector.fromArray(SPECIES, values, at + i);
      even = last.fma(last, even);
    }
    return LaneSum.of(even.add(odd));
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
