package dev.orrery.model.vae;

import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.layers.Parameters;
import dev.orrery.runtime.memory.FeatureCache;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.trace.Trace;

/**
 * The narrowest stage of encoder and decoder: residual block, attention among pixels, residual
 * block.
 */
final class Middle {
  private final ResidualBlock first;
  private final FrameAttention attention;
  private final ResidualBlock last;

  Middle(Parameters p, int channels) {
    first = new ResidualBlock(p.at("0"), channels, channels);
    attention = new FrameAttention(p.at("1"), channels);
    last = new ResidualBlock(p.at("2"), channels, channels);
  }

  /** {@code x} to {@code out}, both {@code [T, Y, X, C]}. */
  void forward(Tensor x, FeatureCache cache, Workspace workspace, Tensor out, Trace trace) {
    try (Workspace.Frame frame = workspace.frame()) {
      Tensor y = frame.like(x, x.shape().extents());
      first.forward(x, cache, workspace, y);
      trace.tap("middle.0", y);
      attention.forward(y, workspace);
      trace.tap("middle.1", y);
      last.forward(y, cache, workspace, out);
      trace.tap("middle.2", out);
    }
  }
}
