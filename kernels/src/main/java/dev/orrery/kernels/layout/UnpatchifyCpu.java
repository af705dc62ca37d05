package dev.orrery.kernels.layout;

import dev.orrery.kernels.cpu.CpuKernel;
import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/**
 * Copies one row of a patch at a time, which is contiguous on both sides. Both CPU backends list
 * it, since a Simd version would have nothing to compute.
 */
public final class UnpatchifyCpu extends CpuKernel implements Unpatchify {
  public UnpatchifyCpu(CpuThreads threads) {
    super(threads);
  }

  @Override
  public void launch(Tensor x, int patch, Tensor out) {
    int patchColumns = out.size(2) / patch;
    long runBytes = 4L * patch * out.size(3);
    MemorySegment from = x.segment();
    MemorySegment to = out.segment();
    threads.forEach(
        out.size(0) * (out.size(1) / patch),
        (patchRow, scratch) -> {
          for (int column = 0; column < patchColumns; column++) {
            long token = (long) patchRow * patchColumns + column;
            for (int dy = 0; dy < patch; dy++) {
              long target = ((long) patchRow * patch + dy) * patchColumns + column;
              MemorySegment.copy(
                  from, (token * patch + dy) * runBytes, to, target * runBytes, runBytes);
            }
          }
        });
  }
}
