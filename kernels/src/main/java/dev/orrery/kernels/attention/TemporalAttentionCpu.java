package dev.orrery.kernels.attention;

import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.tensor.Tensor;

/**
 * Reference: attention with a head for every position and head, of one query frame after the other
 * if they see different keys.
 */
public final class TemporalAttentionCpu implements TemporalAttention {
  private final Attention attention;

  public TemporalAttentionCpu(CpuThreads threads) {
    attention = new AttentionCpu(threads);
  }

  @Override
  public void launch(
      Tensor q, Tensor k, Tensor v, Visibility visibility, double scale, Tensor out) {
    if (visibility == Visibility.ALL) {
      attend(q, k, v, scale, out);
      return;
    }
    int frames = q.size(0);
    for (int frame = 0; frame < frames; frame++) {
      int visible = k.size(0) - frames + frame + 1;
      attend(
          q.slice(frame, frame + 1),
          k.slice(0, visible),
          v.slice(0, visible),
          scale,
          out.slice(frame, frame + 1));
    }
  }

  private void attend(Tensor q, Tensor k, Tensor v, double scale, Tensor out) {
    attention.run(heads(q), heads(k), heads(v), scale, heads(out));
  }

  private static Tensor heads(Tensor frames) {
    return frames.reshape(frames.size(0), (long) frames.size(1) * frames.size(2), frames.size(3));
  }
}
