package dev.orrery.kernels.layout;

import static dev.orrery.kernels.cpu.Panels.high;
import static dev.orrery.kernels.cpu.Panels.low;
import static dev.orrery.kernels.cpu.SimdTile.LANES;

import dev.orrery.kernels.cpu.CpuKernel;
import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.cpu.Lanes;
import dev.orrery.kernels.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/**
 * Vector API: of patches of 2 x 2 pixels with the channels slowest, which latents have, a vector of
 * each pixel becomes four vectors whose lanes are those of the pixels in turn. Other patches are
 * left to {@link PatchifyCpu}.
 */
public final class PatchifySimd extends CpuKernel implements Patchify {
  private static final int PATCH = 2;
  private static final int BYTES = Float.BYTES * LANES;

  private final PatchifyCpu others;

  public PatchifySimd(CpuThreads threads) {
    super(threads);
    others = new PatchifyCpu(threads);
  }

  @Override
  public void launch(Tensor x, int patch, PatchOrder order, int offset, Tensor out) {
    boolean whole = x.size(1) % PATCH == 0 && x.size(2) % PATCH == 0 && x.size(3) >= LANES;
    if (patch != PATCH || order != PatchOrder.CHANNEL_SLOWEST || !whole) {
      others.launch(x, patch, order, offset, out);
      return;
    }
    PatchGrid grid = PatchGrid.of(x, patch);
    MemorySegment from = x.segment();
    MemorySegment to = out.segment();
    long pixel = (long) Float.BYTES * grid.channels();
    long line = pixel * grid.columns();
    long width = (long) Float.BYTES * out.size(1);
    threads.forEach(
        grid.patchRows(),
        (patchRow, scratch) -> {
          long source = pixel * grid.pixel(patchRow, 0, 0);
          long target = width * grid.token(patchRow, 0) + (long) Float.BYTES * offset;
          for (int column = 0; column < grid.patchColumns(); column++) {
            interleave(from, source, pixel, line, to, target);
            source += PATCH * pixel;
            target += width;
          }
        });
  }

  /** One patch; where channels are no whole vectors, the last vector begins earlier. */
  private static void interleave(
      MemorySegment from, long source, long pixel, long line, MemorySegment to, long target) {
    long last = pixel - BYTES;
    for (long channel = 0; channel < last; channel += BYTES) {
      interleaveVectors(from, source + channel, pixel, line, to, target + 4 * channel);
    }
    interleaveVectors(from, source + last, pixel, line, to, target + 4 * last);
  }

  private static void interleaveVectors(
      MemorySegment from, long at, long pixel, long line, MemorySegment to, long target) {
    FloatVector a = Lanes.load(from, at);
    FloatVector b = Lanes.load(from, at + pixel);
    FloatVector c = Lanes.load(from, at + line);
    FloatVector d = Lanes.load(from, at + line + pixel);
    FloatVector lowAc = low(a, c);
    FloatVector highAc = high(a, c);
    FloatVector lowBd = low(b, d);
    FloatVector highBd = high(b, d);
    Lanes.store(low(lowAc, lowBd), to, target);
    Lanes.store(high(lowAc, lowBd), to, target + BYTES);
    Lanes.store(low(highAc, highBd), to, target + 2 * BYTES);
    Lanes.store(high(highAc, highBd), to, target + 3 * BYTES);
  }
}
