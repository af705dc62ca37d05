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
 * first one is negative. Halves need no swap, but cosines apart from sines, of which two vectors of
 * the table make one each. All heads of a token use a vector of angles while it is in registers.
 */
public final class RopeSimd extends CpuKernel implements Rope {
  private static final VectorShuffle<Float> SWAP = VectorShuffle.fromOp(SPECIES, lane -> lane ^ 1);
  private static final VectorShuffle<Float> COSINES =
      VectorShuffle.fromOp(SPECIES, lane -> lane & ~1);
  private static final VectorShuffle<Float> SINES = VectorShuffle.fromOp(SPECIES, lane -> lane | 1);

  /** Lanes of two vectors: those beyond the first one wrap into the second. */
  private static final VectorShuffle<Float> EVEN = VectorShuffle.fromOp(SPECIES, lane -> 2 * lane);

  private static final VectorShuffle<Float> ODD =
      VectorShuffle.fromOp(SPECIES, lane -> 2 * lane + 1);
  private static final FloatVector SIGNS = signs();
  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;

  public RopeSimd(CpuThreads threads) {
    super(threads);
  }

  @Override
  public void launch(Tensor x, Tensor table, Pairs pairs, Tensor out) {
    int headDim = x.size(2);
    int columns = x.size(1) * headDim;
    int padded = RowPass.padded(columns);
    int turned = 2 * table.size(1);
    int tokensPerRow = x.size(0) / table.size(0);
    MemorySegment angles = table.segment();
    RowPass.arrays(
        threads,
        x,
        columns,
        out,
        (values, first, tokens) -> {
          for (int i = 0; i < tokens; i++) {
            int at = i * padded;
            long anglesAt = 4L * ((first + i) / tokensPerRow) * turned;
            if (pairs == Pairs.NEIGHBOURS) {
              turn(values, at, at + columns, headDim, angles, anglesAt, turned);
            } else {
              turnHalves(values, at, at + columns, headDim, angles, anglesAt, turned / 2);
            }
          }
        });
  }

  /**
   * Spreads the cosines and sines of a row of the table to both values of a pair, as {@link
   * #turn(FloatVector, FloatVector, FloatVector)} takes them.
   *
   * @param turned values, a multiple of LANES
   */
  static void spread(MemorySegment angles, long at, int turned, float[] cosines, float[] sines) {
    for (int i = 0; i < turned; i += LANES) {
      FloatVector pairs = Lanes.load(angles, at + 4L * i);
      pairs.rearrange(COSINES).intoArray(cosines, i);
      pairs.rearrange(SINES).mul(SIGNS).intoArray(sines, i);
    }
  }

  /** Turns the pairs of a vector. */
  static FloatVector turn(FloatVector x, FloatVector cosines, FloatVector sines) {
    return x.mul(cosines).add(x.rearrange(SWAP).mul(sines));
  }

  /** Turns the first {@code turned} values of every head of a token by a row of the table. */
  private static void turn(
      float[] values,
      int at,
      int end,
      int headDim,
      MemorySegment angles,
      long anglesAt,
      int turned) {
    int whole = SPECIES.loopBound(turned);
    for (int i = 0; i < whole; i += LANES) {
      FloatVector pairs = Lanes.load(angles, anglesAt + 4L * i);
      FloatVector cosines = pairs.rearrange(COSINES);
      FloatVector sines = pairs.rearrange(SINES).mul(SIGNS);
      for (int head = at; head < end; head += headDim) {
        FloatVector x = FloatVector.fromArray(SPECIES, values, head + i);
        turn(x, cosines, sines).intoArray(values, head + i);
      }
    }
    for (int i = whole; i < turned; i += 2) {
      float cos = angles.get(FLOAT, anglesAt + 4L * i);
      float sin = angles.get(FLOAT, anglesAt + 4L * i + 4);
      for (int head = at + i; head < end; head += headDim) {
        float a = values[head];
        float b = values[head + 1];
        values[head] = a * cos - b * sin;
        values[head + 1] = b * cos + a * sin;
      }
    }
  }

  /** Turns each of the first {@code pairs} values of every head with the one {@code pairs} on. */
  private static void turnHalves(
      float[] values,
      int at,
      int end,
      int headDim,
      MemorySegment angles,
      long anglesAt,
      int pairs) {
    int whole = SPECIES.loopBound(pairs);
    for (int i = 0; i < whole; i += LANES) {
      FloatVector low = Lanes.load(angles, anglesAt + 8L * i);
      FloatVector high = Lanes.load(angles, anglesAt + 8L * i + 4L * LANES);
      FloatVector cosines = low.rearrange(EVEN, high);
      FloatVector sines = low.rearrange(ODD, high);
      for (int head = at + i; head < end; head += headDim) {
        FloatVector a = FloatVector.fromArray(SPECIES, values, head);
        FloatVector b = FloatVector.fromArray(SPECIES, values, head + pairs);
        a.mul(cosines).sub(b.mul(sines)).intoArray(values, head);
        b.mul(cosines).add(a.mul(sines)).intoArray(values, head + pairs);
      }
    }
    for (int i = whole; i < pairs; i++) {
      float cos = angles.get(FLOAT, anglesAt + 8L * i);
      float sin = angles.get(FLOAT, anglesAt + 8L * i + 4);
      for (int head = at + i; head < end; head += headDim) {
        float a = values[head];
        float b = values[head + pairs];
        values[head] = a * cos - b * sin;
        values[head + pairs] = b * cos + a * sin;
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
