package dev.orrery.kernels.image;

import dev.orrery.kernels.cpu.CpuKernel;
import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Reference: one value at a time, in fp32 as the contract says. */
public final class FramesToBytesCpu extends CpuKernel implements FramesToBytes {
  private static final int STRIP = 1 << 14;

  public FramesToBytesCpu(CpuThreads threads) {
    super(threads);
  }

  @Override
  public void launch(Tensor x, PixelRange range, Tensor out) {
    long values = x.elements();
    MemorySegment from = x.segment();
    MemorySegment to = out.segment();
    threads.forEach(
        Math.toIntExact((values + STRIP - 1) / STRIP),
        (strip, scratch) -> {
          long first = (long) strip * STRIP;
          for (long i = first; i < Math.min(values, first + STRIP); i++) {
            float value = from.getAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, i);
            float scaled = (value + range.offset()) * range.scale();
            int pixel = (int) Math.max(0, Math.min(255, scaled));
            to.set(ValueLayout.JAVA_BYTE, i, (byte) pixel);
          }
        });
  }
}
