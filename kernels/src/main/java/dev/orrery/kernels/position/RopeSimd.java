package dev.orrery.kernels.position;

import static dev.orrery.kernels.cpu.SimdTile.LANES;
import static dev.orrery.kernels.cpu.SimdTile.SPECIES;

import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.cpu.Lanes;
import dev.orrery.kernels.cpu.RowPass;
import dev.orrery.kernels.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
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
  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;

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
    MemorySegment angles = table.segment();
    RowPass.run(
        threads,
        x,
        columns,
        out,
        (rows, at, token) -> {
          long anglesAt = 4L * (token / tokensPerRow) * turned;
          MemorySegment from = rows.x();
          if (turned < headDim) {
            MemorySegment.copy(from, at, rows.out(), at, 4L * columns);
            from = rows.out();
          }
          MemorySegment row = angles.asSlice(anglesAt, 4L * turned);
          turn(from, rows.out(), at, columns, headDim, row, turned);
        });
  }

  /** Turns the first {@code turned} values of every head of a token by a row of the table. */
  private static void turn(
      MemorySegment x,
      MemorySegment out,
      long at,
      int columns,
      int headDim,
      MemorySegment angles,
      int turned) {
    int whole = SPECIES.loopBound(turned);
    for (int i = 0; i < whole; i += LANES) {
      FloatVector pairs = Lanes.load(angles, 4L * i);
      FloatVector cosines = pairs.rearrange(COSINES);
      FloatVector sines = pairs.rearrange(SINES).mul(SIGNS);
      for (int head = 0; head < columns; head += headDim) {
        long offset = at + 4L * (head + i);
        FloatVector values = Lanes.load(x, offset);
        FloatVector crossed = values.rearrange(SWAP).mul(sines);
        Lanes.store(values.mul(cosines).add(crossed), out, offset);
      }
    }
    for (int i = whole; i < turned; i += 2) {
      float cos = angles.get(FLOAT, 4L * i);
      float sin = angles.get(FLOAT, 4L * i + 4);
      for (int head = 0; head < columns; head += headDim) {
        long offset = at + 4L * (head + i);
        float a = x.get(FLOAT, offset);
        float b = x.get(FLOAT, offset + 4);
        out.set(FLOAT, offset, a * cos - b * sin);
        out.set(FLOAT, offset + 4, b * cos + a * sin);
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
