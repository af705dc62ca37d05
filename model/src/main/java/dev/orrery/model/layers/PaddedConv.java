package dev.orrery.model.layers;

import dev.orrery.kernels.conv.Conv2d;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.runtime.memory.Workspace;

/**
 * A 3x3 convolution of every frame with a border of zeros, one pixel wide if nothing else is said.
 */
public final class PaddedConv {
  private static final int SIDE = 3;

  private final Conv2d conv;
  private final Tensor weight;
  private final Tensor bias;
  private final int stride;
  private final Conv2d.Padding padding;

  private PaddedConv(Conv2d conv, Tensor weight, Tensor bias, int stride, Conv2d.Padding padding) {
    this.conv = conv;
    this.weight = weight;
    this.bias = bias;
    this.stride = stride;
    this.padding = padding;
  }

  private static PaddedConv biased(
      Parameters p, int in, int out, int stride, Conv2d.Padding padding) {
    return new PaddedConv(
        p.kernel(Conv2d.class), weight(p, in, out), p.get("bias", out), stride, padding);
  }

  private static Tensor weight(Parameters p, int in, int out) {
    return p.convolution("weight", out, in, SIDE, SIDE);
  }

  /** A convolution with {@code weight [out, in, 3, 3]} and {@code bias [out]}. */
  public static PaddedConv of(Parameters p, int in, int out) {
    return biased(p, in, out, 1, Conv2d.Padding.all(1));
  }

  /** A convolution with {@code weight [out, in, 3, 3]} alone. */
  public static PaddedConv withoutBias(Parameters p, int in, int out) {
    return new PaddedConv(
        p.kernel(Conv2d.class), weight(p, in, out), null, 1, Conv2d.Padding.all(1));
  }

  /**
   * A convolution with {@code weight [out, in, 3, 3]} and {@code bias [out]} at every second pixel
   * of every second row, the first of each included.
   */
  public static PaddedConv halving(Parameters p, int in, int out) {
    return biased(p, in, out, 2, Conv2d.Padding.all(1));
  }

  /**
   * A convolution with {@code weight [out, in, 3, 3]} and {@code bias [out]} at every second pixel
   * of every second row, the second of each first: zeros lie below and on the right only.
   */
  public static PaddedConv halvingFromSecond(Parameters p, int in, int out) {
    return biased(p, in, out, 2, Conv2d.Padding.bottomRight(1));
  }

  /**
   * A convolution with {@code weight [out, in, 3, 3]} and {@code bias [out]} of a row and the two
   * rows above it: both rows of zeros lie on top.
   */
  public static PaddedConv lookingUp(Parameters p, int in, int out) {
    return biased(p, in, out, 1, new Conv2d.Padding(2, 0, 1, 1));
  }

  /** {@code x [T, Y, X, in]} to {@code [T, Y, X, out]}, of a halving one about Y/2 and X/2. */
  public Tensor forward(Tensor x, Workspace.Frame frame) {
    int rows = (x.size(1) + padding.top() + padding.bottom() - SIDE) / stride + 1;
    int columns = (x.size(2) + padding.left() + padding.right() - SIDE) / stride + 1;
    Tensor out = frame.like(x, x.size(0), rows, columns, weight.size(3));
    into(x, out);
    return out;
  }

  /** {@code x [T, Y, X, in]} to {@code out}, see {@link #forward}. */
  public void into(Tensor x, Tensor out) {
    conv.run(x, weight, bias, stride, padding, out);
  }
}
