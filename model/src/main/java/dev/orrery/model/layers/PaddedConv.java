package dev.orrery.model.layers;

import dev.orrery.kernels.conv.Conv2d;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.runtime.memory.Workspace;

/** A 3x3 convolution of every frame with a border of one pixel of zeros. */
public final class PaddedConv {
  private final Tensor weight;
  private final Tensor bias;
  private final int outChannels;
  private final int stride;
  private final Conv2d conv;

  private PaddedConv(Parameters p, int in, int out, int stride, Tensor bias) {
    weight = p.convolution("weight", out, in, 3, 3);
    this.bias = bias;
    outChannels = out;
    this.stride = stride;
    conv = p.kernel(Conv2d.class);
  }

  /** A convolution with {@code weight [out, in, 3, 3]} and {@code bias [out]}. */
  public static PaddedConv of(Parameters p, int in, int out) {
    return new PaddedConv(p, in, out, 1, p.get("bias", out));
  }

  /** A convolution with {@code weight [out, in, 3, 3]} alone. */
  public static PaddedConv withoutBias(Parameters p, int in, int out) {
    return new PaddedConv(p, in, out, 1, null);
  }

  /**
   * A convolution with {@code weight [out, in, 3, 3]} and {@code bias [out]} at every second pixel
   * of every second row, the first of each included.
   */
  public static PaddedConv halving(Parameters p, int in, int out) {
    return new PaddedConv(p, in, out, 2, p.get("bias", out));
  }

  /** {@code x [T, Y, X, in]} to {@code [T, Y, X, out]}, of a halving one Y/2 and X/2 rounded up. */
  public Tensor forward(Tensor x, Workspace.Frame frame) {
    long rows = Math.ceilDiv(x.size(1), stride);
    long columns = Math.ceilDiv(x.size(2), stride);
    Tensor out = frame.like(x, x.size(0), rows, columns, outChannels);
    into(x, out);
    return out;
  }

  /** {@code x [T, Y, X, in]} to {@code out}, see {@link #forward}. */
  public void into(Tensor x, Tensor out) {
    conv.run(x, weight, bias, stride, Conv2d.Padding.all(1), out);
  }
}
