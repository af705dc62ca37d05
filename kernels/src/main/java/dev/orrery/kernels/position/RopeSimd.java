package dev.orrery.kernels.position;

import static dev.orrery.kernels.cpu.SimdTile.LANES;
import static dev.orrery.kernels.cpu.SimdTile.SPECIES;

import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.cpu.FloatView;
import dev.orrery.kernels.cpu.RowPass;
import dev.orrery.kernels.tensor.Tensor;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShuffle;

/**
 * Vector API: with cosines and sines spread to both values of a pair, a vector x of pairs becomes {@code x * cos + swap(x)
 * * sin}, where swap exchanges the values of each pair and the sine of the first one is negative. All heads of a token use
 * a vector of angles while it is in registers.
 */
public final class RopeSimd implements Rope {
  private static final VectorShuffle<Float> SWAP =
      VectorShuffle.fromOp(SPECIES, lane -> lane ^ 1);
  private static final VectorShuffle<Float> COSINES =
      VectorShuffle.fromOp(SPECIES, lane -> lane & ~1);
  private static final VectorShuffle<Float> SINES =
      VectorShuffle.fromOp(SPECIES, lane -> lane | 1);
  private static final FloatVector SIGNS = signs();

  private final CpuThreads threads;

  public RopeSimd(CpuThreads threads) {
    this.threads = threads;
  }

  @Override
  public void launch(Tensor x, Tensor table, Tensor out) {
    int headDim = x.size(2);
    int columns = x.size(1) * headDim;
    int turned = 2 * table.size(1);
    int tokensPerRow = x.size(0) / table.size(0);
    FloatView tables = FloatView.of(table);
    RowPass.run(
        threads,
        x,
        columns,
        out,
        (values, at, token, scratch) -> {
          float[] angles = scratch.floats(RowPass.FREE_SLOT, turned);
          tables.copy((long) (token / tokensPerRow) * turned, angles, 0, turned);
          turn(values, at, at + columns, headDim, angles, turned);
        });
  }

  /** Turns the first {@code turned} values of every head in {@code [from, to)}. */
  private static void turn(
      float[] values, int from, int to, int headDim, float[] angles, int turned) {
    int whole = SPECIES.loopBound(turned);
    for (int i = 0; i < whole; i += LANES) {
      FloatVector pairs = FloatVector.fromArray(SPECIES, angles, i);
      FloatVector cosines = pairs.rearrange(COSINES);
      FloatVector sines = pairs.rearrange(SINES).mul(SIGNS);
      for (int head = from; head < to; head += headDim) {
        FloatVector x = FloatVector.fromArray(SPECIES, values, head + i);
        x.mul(cosines).add(x.rearrange(SWAP).mul(sines)).intoArray(values, head + i);
      }
    }
    for (int i = whole; i < turned; i += 2) {
      float cos = angles[i];
      float sin = angles[i + 1];
      for (int head = from; head < to; head += headDim) {
        float a = values[head + i];
        float b = values[head + i + 1];
        values[head + i] = a * cos - b * sin;
        values[head + i + 1] = b * cos + a * sin;
      }
    }
  }

  private static FloatVector signs() {
    float[] signs = new float[LANES];
    for (int lane = 0; lane < LANES; lane++) {
      signs[lane] = lane % 2 == 0 ? -1 : 1;
    }
    return FloatVector.fromArray(SPECIES, signs, 0);
  }
}
