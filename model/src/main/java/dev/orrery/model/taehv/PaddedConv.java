package dev.orrery.model.taehv;

import dev.orrery.kernels.conv.Conv2d;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.layers.Parameters;
import dev.orrery.runtime.memory.Workspace;

/** A 3x3 convolution of every frame that keeps its rows and columns. */
final class PaddedConv {
  private final Tensor weight;
  private final Tensor bias;
  private final int outChannels;
  private final Conv2d conv;

  private PaddedConv(Parameters p, int in, int out, Tensor bias) {
    weight = p.convolution("weight", out, in, 3, 3);
    this.bias = bias;
    outChannels = out;
    conv = p.kernel(Conv2d.class);
  }

  /** A convolution with {@code weight [out, in, 3, 3]} and {@code bias [out]}. */
  static PaddedConv of(Parameters p, int in, int out) {
    return new PaddedConv(p, in, out, p.get("bias", out));
  }

  /** A convolution with {@code weight [out, in, 3, 3]} alone. */
  static PaddedConv withoutBias(Parameters p, int in, int out) {
    return new PaddedConv(p, in, out, null);
  }

  /** {@code x [T, Y, X, in]} to {@code [T, Y, X, out]}. */
  Tensor forward(Tensor x, Workspace.Frame frame) {
    Tensor out = frame.like(x, x.size(0), x.size(1), x.size(2), outChannels);
    into(x, out);
    return out;
  }

  /** {@code x [T, Y, X, in]} to {@code out [T, Y, X, out]}. */
  void into(Tensor x, Tensor out) {
    conv.run(x, weight, bias, 1, Conv2d.Padding.all(1), out);
  }
}
