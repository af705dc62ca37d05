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
public final class Middle {
  private final ResidualBlock first;
  private final FrameAttention attention;
  private final ResidualBlock last;
  private final String name;
  private final VaeNames names;

  /** The middle of {@code coder}, an encoder or decoder. */
  public Middle(Parameters coder, VaeNames names, int channels) {
    Parameters p = coder.at(names.middle());
    first = new ResidualBlock(p.at(names.middleFirst()), names, channels, channels);
    attention = new FrameAttention(p.at(names.middleAttention()), channels);
    last = new ResidualBlock(p.at(names.middleLast()), names, channels, channels);
    name = names.middle() + ".";
    this.names = names;
  }

  /** {@code x} to {@code out}, both {@code [T, Y, X, C]}. */
  public void forward(Tensor x, FeatureCache cache, Workspace workspace, Tensor out, Trace trace) {
    try (Workspace.Frame frame = workspace.frame()) {
      Tensor y = frame.like(x, x.shape().extents());
      first.forward(x, cache, workspace, y);
      trace.tap(name + names.middleFirst(), y);
      attention.forward(y, workspace);
      trace.tap(name + names.middleAttention(), y);
      last.forward(y, cache, workspace, out);
      trace.tap(name + names.middleLast(), out);
    }
  }
}
