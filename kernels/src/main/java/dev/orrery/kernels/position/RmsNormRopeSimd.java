package dev.orrery.kernels.position;

import static dev.orrery.kernels.cpu.SimdTile.LANES;
import static dev.orrery.kernels.cpu.SimdTile.SPECIES;

import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.cpu.Lanes;
import dev.orrery.kernels.cpu.RowPass;
import dev.orrery.kernels.cpu.RowSum;
import dev.orrery.kernels.cpu.Scratch;
import dev.orrery.kernels.norm.RmsNormSimd;
import dev.orrery.kernels.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * Vector API: a token is read for its mean squares, then once more, from L1, to be scaled, turned
 * and stored, with the bits that the norm and the rotation give. Heads of which the table does not
 * turn whole vectors take the two passes.
 */
public final class RmsNormRopeSimd extends RmsNormThenRope {
  private static final Scratch.Floats WEIGHTS = new Scratch.Floats();

  /** The angles of a token, in a thread's own scratch. */
  private static final Scratch.Floats COSINES = new Scratch.Floats();

  private static final Scratch.Floats SINES = new Scratch.Floats();

  private final CpuThreads threads;

  public RmsNormRopeSimd(CpuThreads threads) {
    super(new RmsNormSimd(threads), new RopeSimd(threads));
    this.threads = threads;
  }

  @Override
  public void launch(Tensor x, Span span, Tensor weight, double eps, Tensor table, Tensor out) {
    int headDim = x.size(2);
    int turned = 2 * table.size(1);
    if (headDim % LANES != 0 || turned % LANES != 0) {
      super.launch(x, span, weight, eps, table, out);
      return;
    }
    int columns = x.size(1) * headDim;
    int width = span == Span.TOKEN ? columns : headDim;
    int tokensPerRow = x.size(0) / table.size(0);
    MemorySegment from = x.segment();
    MemorySegment to = out.segment();
    MemorySegment angles = table.segment();
    synchronized (threads) {
      float[] weights = weights(weight, width);
      RowPass.split(
          threads,
          x.elements(),
          columns,
          (token, scratch) -> {
            float[] cosines = scratch.floats(COSINES, turned);
            float[] sines = scratch.floats(SINES, turned);
            RopeSimd.spread(angles, 4L * (token / tokensPerRow) * turned, turned, cosines, sines);
            long first = 4L * token * columns;
            for (long at = first; at < first + 4L * columns; at += 4L * width) {
              double mean = (double) RowSum.squares(from, at, width) / width;
              float scale = (float) (1 / Math.sqrt(mean + eps));
              for (int head = 0; head < width; head += headDim) {
                turn(from, to, at + 4L * head, scale, weights, head, cosines, sines, turned);
                scale(from, to, at + 4L * head, scale, weights, head, turned, headDim);
              }
            }
          });
    }
  }

  private float[] weights(Tensor weight, int width) {
    if (weight != null) {
      return RowPass.widen(weight, threads.shared(), WEIGHTS);
    }
    float[] ones = threads.shared().floats(WEIGHTS, RowPass.padded(width));
    Arrays.fill(ones, 0, RowPass.padded(width), 1);
    return ones;
  }

  /** The first values of a head, which the table turns. */
  private static void turn(
      MemorySegment x,
      MemorySegment out,
      long at,
      float scale,
      float[] weights,
      int weightsAt,
      float[] cosines,
      float[] sines,
      int turned) {
    for (int i = 0; i < turned; i += LANES) {
      FloatVector weight = FloatVector.fromArray(SPECIES, weights, weightsAt + i);
      FloatVector scaled = Lanes.load(x, at + 4L * i).mul(scale).mul(weight);
      FloatVector cosine = FloatVector.fromArray(SPECIES, cosines, i);
      FloatVector sine = FloatVector.fromArray(SPECIES, sines, i);
      Lanes.store(RopeSimd.turn(scaled, cosine, sine), out, at + 4L * i);
    }
  }

  /** The others. */
  private static void scale(
      MemorySegment x,
      MemorySegment out,
      long at,
      float scale,
      float[] weights,
      int weightsAt,
      int from,
      int headDim) {
    for (int i = from; i < headDim; i += LANES) {
      FloatVector weight = FloatVector.fromArray(SPECIES, weights, weightsAt + i);
      Lanes.store(Lanes.load(x, at + 4L * i).mul(scale).mul(weight), out, at + 4L * i);
    }
  }
}
