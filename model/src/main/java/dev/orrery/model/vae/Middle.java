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

  /** {@code x [T, Y, X, C]} to {@code [T, Y, X, C]}. */
  public Tensor forward(Tensor x, FeatureCache cache, Workspace.Frame frame, Trace trace) {
    Tensor out = frame.like(x);
    try (Workspace.Frame inner = frame.inner()) {
      Tensor y = inner.like(x);
      first.into(x, cache, y, inner);
      trace.tap(name + names.middleFirst(), y);
      attention.forward(y, inner);
      trace.tap(name + names.middleAttention(), y);
      last.into(y, cache, out, inner);
      trace.tap(name + names.middleLast(), out);
    }
    return out;
  }
}
