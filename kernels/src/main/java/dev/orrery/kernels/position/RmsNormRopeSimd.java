package dev.orrery.kernels.position;

import static dev.orrery.kernels.cpu.SimdTile.LANES;

import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.cpu.RowPass;
import dev.orrery.kernels.cpu.Scratch;
import dev.orrery.kernels.norm.RmsNormSimd;
import dev.orrery.kernels.norm.RmsRowSimd;
import dev.orrery.kernels.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Vector API: a token is normalised and turned while it is in L1, with the bits that the norm and
 * the rotation give. Heads that are no whole number of vectors and have norms of their own take the
 * two passes.
 */
public final class RmsNormRopeSimd extends RmsNormThenRope {
  private static final Scratch.Floats WEIGHTS = new Scratch.Floats();

  private final CpuThreads threads;

  public RmsNormRopeSimd(CpuThreads threads) {
    super(new RmsNormSimd(threads), new RopeSimd(threads));
    this.threads = threads;
  }

  @Override
  public void launch(Tensor x, Span span, Tensor weight, double eps, Tensor table, Tensor out) {
    int headDim = x.size(2);
    int columns = x.size(1) * headDim;
    if (span == Span.HEAD && headDim % LANES != 0) {
      super.launch(x, span, weight, eps, table, out);
      return;
    }
    int width = span == Span.TOKEN ? columns : headDim;
    int padded = RowPass.padded(columns);
    int turned = 2 * table.size(1);
    int tokensPerRow = x.size(0) / table.size(0);
    MemorySegment angles = table.segment();
    synchronized (threads) {
      float[] weights = weights(weight, width);
      RowPass.arrays(
          threads,
          x,
          columns,
          out,
          (values, first, tokens) -> {
            for (int i = 0; i < tokens; i++) {
              int at = i * padded;
              int end = at + columns;
              normalize(values, at, end, width, eps, weights);
              long anglesAt = 4L * ((first + i) / tokensPerRow) * turned;
              RopeSimd.turn(values, at, end, headDim, angles, anglesAt, turned);
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

  private static void normalize(
      float[] values, int from, int end, int width, double eps, float[] weights) {
    int padded = RowPass.padded(width);
    for (int at = from; at < end; at += width) {
      double mean = (double) RmsRowSimd.squares(values, at, padded) / width;
      RmsRowSimd.scale(values, at, padded, (float) (1 / Math.sqrt(mean + eps)), weights);
    }
  }
}
