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
  private final VaeStyle style;

  /** The middle of {@code coder}, an encoder or decoder. */
  public Middle(Parameters coder, VaeStyle style, int channels) {
    Parameters p = coder.at(style.middle());
    first = new ResidualBlock(p.at(style.middleFirst()), style, channels, channels);
    attention = FrameAttention.of(p.at(style.middleAttention()), channels, style);
    last = new ResidualBlock(p.at(style.middleLast()), style, channels, channels);
    name = style.middle() + ".";
    this.style = style;
  }

  /** {@code x [T, Y, X, C]} to {@code [T, Y, X, C]}. */
  public Tensor forward(Tensor x, FeatureCache cache, Workspace.Frame frame, Trace trace) {
    Tensor out = frame.like(x);
    try (Workspace.Frame inner = frame.inner()) {
      Tensor y = inner.like(x);
      first.into(x, cache, y, inner);
      trace.tap(name + style.middleFirst(), y);
      attention.forward(y, inner);
      trace.tap(name + style.middleAttention(), y);
      last.into(y, cache, out, inner);
      trace.tap(name + style.middleLast(), out);
    }
    return out;
  }
}
