package dev.orrery.model.vae;

import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.norm.ChannelRmsNorm;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.layers.Parameters;
import dev.orrery.runtime.memory.FeatureCache;
import dev.orrery.runtime.memory.Workspace;

/** The last layer of encoder and decoder: norm, SiLU, causal convolution. */
public final class Head {
  private final Tensor gamma;
  private final CausalConv conv;
  private final ChannelRmsNorm norm;

  /** The head of {@code coder}, an encoder or decoder. */
  public Head(Parameters coder, VaeNames names, int in, int out) {
    this(coder, names, in, new CausalConv(coder.at(names.headConv()), in, out, 3, 3));
  }

  /** A head with this convolution from {@code in} channels. */
  public Head(Parameters coder, VaeNames names, int in, CausalConv conv) {
    gamma = coder.at(names.headNorm()).get("gamma", in, 1, 1, 1).reshape(in);
    this.conv = conv;
    norm = coder.kernel(ChannelRmsNorm.class);
  }

  /** {@code x [T, Y, X, in]} to {@code out [T, Y, X, out]}. */
  public void forward(Tensor x, FeatureCache cache, Workspace workspace, Tensor out) {
    try (Workspace.Frame frame = workspace.frame()) {
      Tensor y = frame.like(x, x.shape().extents());
      long pixels = x.elements() / x.size(3);
      norm.run(x.reshape(pixels, x.size(3)), gamma, Activation.SILU, y.reshape(pixels, x.size(3)));
      conv.forward(y, cache, out);
    }
  }
}
