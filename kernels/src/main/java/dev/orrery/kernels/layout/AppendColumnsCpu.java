package dev.orrery.kernels.layout;

import dev.orrery.kernels.cpu.CpuKernel;
import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/**
 * Two copies for each token. Both CPU backends list it, since a Simd version would have nothing to
 * compute.
 */
public final class AppendColumnsCpu extends CpuKernel implements AppendColumns {
  /** Tokens of one item of work. */
  private static final int STRIP = 64;

  public AppendColumnsCpu(CpuThreads threads) {
    super(threads);
  }

  @Override
  public void launch(Tensor x, Tensor frame, Tensor out) {
    int tokens = x.size(0);
    int frameTokens = tokens / frame.size(0);
    long tokenBytes = 4L * x.size(1);
    long frameBytes = 4L * frame.size(1);
    long outBytes = tokenBytes + frameBytes;
    MemorySegment tokenValues = x.segment();
    MemorySegment frameValues = frame.segment();
    MemorySegment to = out.segment();
    threads.forEach(
        (tokens + STRIP - 1) / STRIP,
        (strip, scratch) -> {
          int first = strip * STRIP;
          for (int token = first; token < Math.min(tokens, first + STRIP); token++) {
            long source = (long) (token / frameTokens) * frameBytes;
            long target = token * outBytes;
            MemorySegment.copy(tokenValues, token * tokenBytes, to, target, tokenBytes);
            MemorySegment.copy(frameValues, source, to, target + tokenBytes, frameBytes);
          }
        });
  }
}
