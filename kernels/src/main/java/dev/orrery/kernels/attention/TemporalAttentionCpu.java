package dev.orrery.kernels.attention;

import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.tensor.Tensor;

/** Reference: attention with a head for every position and head. */
public final class TemporalAttentionCpu implements TemporalAttention {
  private final Attention attention;

  public TemporalAttentionCpu(CpuThreads threads) {
    attention = new AttentionCpu(threads);
  }

  @Override
  public void launch(Tensor q, Tensor k, Tensor v, double scale, Tensor out) {
    attention.launch(heads(q), heads(k), heads(v), scale, heads(out));
  }

  private static Tensor heads(Tensor frames) {
    return frames.reshape(frames.size(0), (long) frames.size(1) * frames.size(2), frames.size(3));
  }
}
