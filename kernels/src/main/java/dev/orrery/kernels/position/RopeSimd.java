package dev.orrery.kernels.position;

import static dev.orrery.kernels.cpu.SimdTile.LANES;
import static dev.orrery.kernels.cpu.SimdTile.SPECIES;

import dev.orrery.kernels.cpu.CpuKernel;
import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.cpu.Lanes;
import dev.orrery.kernels.cpu.RowPass;
import dev.orrery.kernels.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShuffle;

/**
 * Vector API: with cosines and sines spread to both values of a pair, a vector x of pairs becomes
 * {@code x * cos + swap(x) * sin}, where swap exchanges the values of each pair and the sine of the
 * first one is negative. All heads of a token use a vector of angles while it is in registers.
 */
public final class RopeSimd extends CpuKernel implements Rope {
  private static final VectorShuffle<Float> SWAP = VectorShuffle.fromOp(SPECIES, lane -> lane ^ 1);
  private static final VectorShuffle<Float> COSINES =
      VectorShuffle.fromOp(SPECIES, lane -> lane & ~1);
  private static final VectorShuffle<Float> SINES = VectorShuffle.fromOp(SPECIES, lane -> lane | 1);
  private static final FloatVector SIGNS = signs();
  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;

  public RopeSimd(CpuThreads threads) {
    super(threads);
  }

  @Override
  public void launch(Tensor x, Tensor table, Tensor out) {
    int headDim = x.size(2);
    int columns = x.size(1) * headDim;
    int turned = 2 * table.size(1);
    int tokensPerRow = x.size(0) / table.size(0);
    MemorySegment angles = table.segment();
    RowPass.arrays(
        threads,
        x,
        columns,
        out,
        (values, token) -> {
          long anglesAt = 4L * (token / tokensPerRow) * turned;
          turn(values, columns, headDim, angles, anglesAt, turned);
        });
  }

  /** Turns the first {@code turned} values of every head of a token by a row of the table. */
  private static void turn(
      float[] values, int columns, int headDim, MemorySegment angles, long anglesAt, int turned) {
    int whole = SPECIES.loopBound(turned);
    for (int i = 0; i < whole; i += LANES) {
      FloatVector pairs = Lanes.load(angles, anglesAt + 4L * i);
      FloatVector cosines = pairs.rearrange(COSINES);
      FloatVector sines = pairs.rearrange(SINES).mul(SIGNS);
      for (int head = 0; head < columns; head += headDim) {
        FloatVector x = FloatVector.fromArray(SPECIES, values, head + i);
        x.mul(cosines).add(x.rearrange(SWAP).mul(sines)).intoArray(values, head + i);
      }
    }
    for (int i = whole; i < turned; i += 2) {
      float cos = angles.get(FLOAT, anglesAt + 4L * i);
      float sin = angles.get(FLOAT, anglesAt + 4L * i + 4);
      for (int head = i; head < columns; head += headDim) {
        float a = values[head];
        float b = values[head + 1];
        values[head] = a * cos - b * sin;
        values[head + 1] = b * cos + a * sin;
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
