package dev.orrery.model.vae;

import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.norm.ChannelRmsNorm;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.layers.Parameters;
import dev.orrery.runtime.memory.FeatureCache;
import dev.orrery.runtime.memory.Workspace;

/** The last layer of encoder and decoder: norm, SiLU, causal convolution. */
final class Head {
  private final Tensor gamma;
  private final CausalConv conv;
  private final ChannelRmsNorm norm;

  Head(Parameters p, int in, int out) {
    gamma = p.get("0.gamma", in, 1, 1, 1).reshape(in);
    conv = new CausalConv(p.at("2"), in, out, 3, 3);
    norm = p.kernel(ChannelRmsNorm.class);
  }

  /** {@code x [T, Y, X, in]} to {@code out [T, Y, X, out]}. */
  void forward(Tensor x, FeatureCache cache, Workspace workspace, Tensor out) {
    try (Workspace.Frame frame = workspace.frame()) {
      Tensor y = frame.like(x, x.shape().extents());
      long pixels = x.elements() / x.size(3);
      norm.run(x.reshape(pixels, x.size(3)), gamma, Activation.SILU, y.reshape(pixels, x.size(3)));
      conv.forward(y, cache, out);
    }
  }
}
