package dev.orrery.kernels.layout;

import dev.orrery.kernels.cpu.CpuKernel;
import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/**
 * Copies whole pixels, then whole rows. Both CPU backends list it, since a Simd version would have
 * nothing to compute.
 */
public final class NearestUpsampleCpu extends CpuKernel implements NearestUpsample {
  public NearestUpsampleCpu(CpuThreads threads) {
    super(threads);
  }

  @Override
  public void launch(Tensor x, Tensor out) {
    int columns = x.size(2);
    long pixelBytes = 4L * x.size(3);
    long rowBytes = columns * pixelBytes;
    MemorySegment from = x.segment();
    MemorySegment to = out.segment();
    threads.forEach(
        x.size(0) * x.size(1),
        (row, scratch) -> {
          long source = row * rowBytes;
          long target = row * 4 * rowBytes;
          for (int column = 0; column < columns; column++) {
            long pixel = source + column * pixelBytes;
            long pair = target + 2 * column * pixelBytes;
            MemorySegment.copy(from, pixel, to, pair, pixelBytes);
            MemorySegment.copy(from, pixel, to, pair + pixelBytes, pixelBytes);
          }
          MemorySegment.copy(to, target, to, target + 2 * rowBytes, 2 * rowBytes);
        });
  }
}
