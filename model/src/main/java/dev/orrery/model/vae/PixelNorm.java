package dev.orrery.model.vae;

import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.norm.ChannelRmsNorm;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.layers.Parameters;
import dev.orrery.runtime.memory.Workspace;

/** RMS norm over the channels of every pixel, then an activation. */
final class PixelNorm {
  private final Tensor gamma;
  private final Activation activation;
  private final ChannelRmsNorm norm;

  /** A norm with {@code gamma [C, 1, 1]} for images or {@code [C, 1, 1, 1]} for video. */
  PixelNorm(Parameters p, Activation activation, long... extents) {
    gamma = p.get("gamma", extents).reshape(extents[0]);
    this.activation = activation;
    norm = p.kernel(ChannelRmsNorm.class);
  }

  /** {@code x [..., C]}, normalised. */
  Tensor forward(Tensor x, Workspace.Frame frame) {
    Tensor out = frame.like(x);
    into(x, out);
    return out;
  }

  /** {@code x [..., C]} to {@code out [..., C]}, which may be x. */
  void into(Tensor x, Tensor out) {
    norm.run(pixels(x), gamma, activation, pixels(out));
  }

  private Tensor pixels(Tensor x) {
    return x.reshape(x.elements() / gamma.size(0), gamma.size(0));
  }
}
