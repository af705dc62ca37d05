package dev.orrery.kernels.conv;

import dev.orrery.kernels.backend.Kernel;
import dev.orrery.kernels.tensor.Check;
import dev.orrery.kernels.tensor.Tensor;

/**
 * Convolution over the rows and columns of every frame of channels-last video: {@code out[t, y, x,
 * o] = bias[o] + sum_{b, c, i} x[t, y * stride + b - top, x * stride + c - left, i] * weight[b, c,
 * i, o]}; outside the frame x is zero.
 *
 * <p>Shapes: {@code x [T, Y, X, Ci]}, {@code weight [Ky, Kx, Ci, Co]} ({@link ConvWeightOrder}
 * brings checkpoints into this order), {@code bias [Co]} or null, {@code out [T, Yo, Xo, Co]} with
 * {@code Yo = (Y + top + bottom - Ky) / stride + 1} and Xo likewise.
 *
 * <p>Errors: {@link IllegalArgumentException} for a shape or dtype that does not fit.
 */
public interface Conv2d extends Kernel {
  /**
   * Rows and columns of zeros around a frame.
   *
   * @param top rows above
   * @param bottom rows below
   * @param left columns before
   * @param right columns behind
   */
  record Padding(int top, int bottom, int left, int right) {
    /** The same padding on all four sides. */
    public static Padding all(int count) {
      return new Padding(count, count, count, count);
    }

    /** Padding below and on the right only, as the downsampling layers of the Wan VAE have it. */
    public static Padding bottomRight(int count) {
      return new Padding(0, count, 0, count);
    }
  }

  default void run(Tensor x, Tensor weight, Tensor bias, int stride, Padding padding, Tensor out) {
    Check.activation("x", x, 4, this::accepts);
    Check.that(weight.shape().rank() == 4, "weight: expected rank 4, found " + weight);
    int outChannels = weight.size(3);
    Check.weight("weight", weight, weight.size(0), weight.size(1), x.size(3), outChannels);
    if (bias != null) {
      Check.weight("bias", bias, outChannels);
    }
    int rowRoom = x.size(1) + padding.top() + padding.bottom() - weight.size(0);
    int columnRoom = x.size(2) + padding.left() + padding.right() - weight.size(1);
    Check.that(
        stride > 0 && rowRoom >= 0 && columnRoom >= 0,
        "x: expected frames that hold the kernel " + weight + " with " + padding + ", found " + x);
    Check.tensor(
        "out",
        out,
        x.dtype(),
        x.size(0),
        rowRoom / stride + 1,
        columnRoom / stride + 1,
        outChannels);
    launch(x, weight, bias, stride, padding, out);
  }

  /** Floating-point operations of a launch: a multiplication and an addition are two. */
  static double operations(
      Tensor x, Tensor weight, Tensor bias, int stride, Padding padding, Tensor out) {
    return 2.0 * out.elements() * (weight.elements() / out.size(3));
  }

  /** Implemented by backends; arguments are checked. */
  void launch(Tensor x, Tensor weight, Tensor bias, int stride, Padding padding, Tensor out);
}
