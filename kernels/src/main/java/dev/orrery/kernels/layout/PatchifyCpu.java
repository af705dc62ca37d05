package dev.orrery.kernels.layout;

import dev.orrery.kernels.cpu.CpuKernel;
import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Moves single values: channels are the fastest in a frame and the slowest in a patch. Both CPU
 * backends list it, since a Simd version would have nothing to compute.
 */
public final class PatchifyCpu extends CpuKernel implements Patchify {
  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;

  public PatchifyCpu(CpuThreads threads) {
    super(threads);
  }

  @Override
  public void launch(Tensor x, int patch, int offset, Tensor out) {
    int patchColumns = x.size(2) / patch;
    int channels = x.size(3);
    long width = out.size(1);
    MemorySegment from = x.segment();
    MemorySegment to = out.segment();
    threads.forEach(
        x.size(0) * (x.size(1) / patch),
        (patchRow, scratch) -> {
          for (int dy = 0; dy < patch; dy++) {
            long source = ((long) patchRow * patch + dy) * x.size(2) * channels;
            for (int column = 0; column < patchColumns * patch; column++) {
              long token = (long) patchRow * patchColumns + column / patch;
              long target = token * width + offset + dy * patch + column % patch;
              for (int channel = 0; channel < channels; channel++) {
                float value = from.getAtIndex(FLOAT, source + channel);
                to.setAtIndex(FLOAT, target + (long) channel * patch * patch, value);
              }
              source += channels;
            }
          }
        });
  }
}
