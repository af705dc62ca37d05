package dev.orrery.model.vae;

import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.layers.Parameters;
import dev.orrery.runtime.memory.FeatureCache;
import dev.orrery.runtime.memory.Workspace;

/** The last layer of encoder and decoder: norm, SiLU, causal convolution. */
public final class Head {
  private final PixelNorm norm;
  private final CausalConv conv;

  /** The head of {@code coder}, an encoder or decoder. */
  public Head(Parameters coder, VaeStyle style, int in, int out) {
    this(coder, style, in, style.conv(coder.at(style.headConv()), in, out));
  }

  /** A head with this convolution from {@code in} channels. */
  public Head(Parameters coder, VaeStyle style, int in, CausalConv conv) {
    norm = new PixelNorm(coder.at(style.headNorm()), Activation.SILU, in, 1, 1, 1);
    this.conv = conv;
  }

  /** {@code x [T, Y, X, in]} to {@code [T, Y, X, out]}. */
  public Tensor forward(Tensor x, FeatureCache cache, Workspace.Frame frame) {
    Tensor out = conv.outputOf(x, frame);
    into(x, cache, out, frame);
    return out;
  }

  /** {@code x [T, Y, X, in]} to {@code out [T, Y, X, out]}. */
  public void into(Tensor x, FeatureCache cache, Tensor out, Workspace.Frame frame) {
    try (Workspace.Frame inner = frame.inner()) {
      conv.into(norm.forward(x, inner), cache, out);
    }
  }
}
