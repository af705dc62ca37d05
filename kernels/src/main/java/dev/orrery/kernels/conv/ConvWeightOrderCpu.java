package dev.orrery.kernels.conv;

import dev.orrery.kernels.cpu.CpuKernel;
import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Moves one tap at a time; there is nothing to compute, so both CPU backends use it. */
public final class ConvWeightOrderCpu extends CpuKernel implements ConvWeightOrder {
  public ConvWeightOrderCpu(CpuThreads threads) {
    super(threads);
  }

  @Override
  public void launch(Tensor stored, Tensor out) {
    int outChannels = stored.size(0);
    int inChannels = stored.size(1);
    int taps = Math.toIntExact(stored.elements() / Math.max(1, (long) outChannels * inChannels));
    int bytes = stored.dtype().byteSize();
    MemorySegment from = stored.segment();
    MemorySegment to = out.segment();
    threads.forEach(
        taps * inChannels,
        (index, scratch) -> {
          int tap = index / inChannels;
          int in = index % inChannels;
          for (int o = 0; o < outChannels; o++) {
            long source = ((long) o * inChannels + in) * taps + tap;
            move(from, source, to, (long) index * outChannels + o, bytes);
          }
        });
  }

  private static void move(
      MemorySegment from, long source, MemorySegment to, long target, int bytes) {
    if (bytes == 2) {
      to.set(
          ValueLayout.JAVA_SHORT_UNALIGNED,
          target * 2,
          from.get(ValueLayout.JAVA_SHORT_UNALIGNED, source * 2));
    } else if (bytes == 4) {
      to.set(
          ValueLayout.JAVA_INT_UNALIGNED,
          target * 4,
          from.get(ValueLayout.JAVA_INT_UNALIGNED, source * 4));
    } else {
      MemorySegment.copy(from, source * bytes, to, target * bytes, bytes);
    }
  }
}
