package dev.orrery.model.vid2world;

import dev.orrery.kernels.attention.Attention;
import dev.orrery.kernels.attention.TemporalAttention;
import dev.orrery.kernels.attention.Visibility;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.layers.Linear;
import dev.orrery.model.layers.LinearInput;
import dev.orrery.model.layers.Parameters;
import dev.orrery.runtime.memory.Workspace;

/**
 * Attention of the tokens of a window to each other: of those of a frame, or of those of one
 * position over time, where no frame sees a later one.
 *
 * <pre>
 * x [F * S, C] ─ to_q, to_k, to_v ─ attention ─ to_out.0 (+ residual) [F * S, C]
 * </pre>
 */
final class FrameAttention {
  private final int headDim;
  private final Linear q;
  private final Linear k;
  private final Linear v;
  private final Linear out;
  private final Attention attention;
  private final TemporalAttention temporalAttention;

  FrameAttention(Parameters p, int dim, int headDim) {
    this.headDim = headDim;
    q = Linear.withoutBias(p.at("to_q"), dim, dim);
    k = Linear.withoutBias(p.at("to_k"), dim, dim);
    v = Linear.withoutBias(p.at("to_v"), dim, dim);
    out = Linear.of(p.at("to_out.0"), dim, dim);
    attention = p.kernel(Attention.class);
    temporalAttention = p.kernel(TemporalAttention.class);
  }

  /** Adds to {@code residual [F * S, C]} what tokens of {@code x [F * S, C]} see in their frame. */
  void addWithinFrames(Tensor residual, Tensor x, int frames, Workspace.Frame outer) {
    try (Workspace.Frame frame = outer.inner()) {
      LinearInput input = LinearInput.of(x, frame);
      Tensor attended = frame.like(x);
      Tensor queries = byHead(q.forward(input));
      Tensor keys = byHead(k.forward(input));
      Tensor values = byHead(v.forward(input));
      attention.run(queries, keys, values, frames, scale(), byHead(attended));
      out.addTo(residual, null, attended, frame);
    }
  }

  /** Adds what tokens see at their position in their frame and earlier ones. */
  void addOverTime(Tensor residual, Tensor x, int frames, Workspace.Frame outer) {
    try (Workspace.Frame frame = outer.inner()) {
      LinearInput input = LinearInput.of(x, frame);
      Tensor attended = frame.like(x);
      Tensor queries = byFrame(q.forward(input), frames);
      Tensor keys = byFrame(k.forward(input), frames);
      Tensor values = byFrame(v.forward(input), frames);
      temporalAttention.run(
          queries, keys, values, Visibility.CAUSAL, scale(), byFrame(attended, frames));
      out.addTo(residual, null, attended, frame);
    }
  }

  private double scale() {
    return 1 / Math.sqrt(headDim);
  }

  private Tensor byHead(Tensor x) {
    return x.reshape(x.size(0), x.size(1) / headDim, headDim);
  }

  private Tensor byFrame(Tensor x, int frames) {
    return x.reshape(frames, x.size(0) / frames, x.size(1) / headDim, headDim);
  }
}
