package dev.orrery.kernels.conv;

import dev.orrery.kernels.backend.Kernel;
import dev.orrery.kernels.tensor.Check;
import dev.orrery.kernels.tensor.Tensor;

/**
 * Convolution over time, rows and columns of channels-last video that never looks ahead: with
 * {@code z} the frames of {@code history} followed by those of {@code x}, {@code out[t, y, x, o] =
 * bias[o] + sum_{a, b, c, i} z[t * timeStride + a, y + b - (Ky-1)/2, x + c - (Kx-1)/2, i] *
 * weight[a, b, c, i, o]}. Rows and columns outside the frame are zero or those of its {@link Edge};
 * in time there is no padding, so a stream that starts afresh passes a history of zeros, or of
 * copies of its first frame.
 *
 * <p>Shapes: {@code history [Th, Y, X, Ci]} or null when the kernel needs none, {@code x [T, Y, X,
 * Ci]}, {@code weight [Kt, Ky, Kx, Ci, Co]} with Ky and Kx odd ({@link ConvWeightOrder} brings
 * checkpoints into this order), {@code bias [Co]}, {@code out [(Th + T - Kt) / timeStride + 1, Y,
 * X, Co]}.
 *
 * <p>Errors: {@link IllegalArgumentException} for a shape or dtype that does not fit.
 *
 * <p>Source: CausalConv3d of Wan 2.1's {@code vae.py}, with zeros, and of HunyuanVideo-1.5's
 * autoencoder, with a repeated edge; the history is their feature cache.
 */
public interface CausalConv3d extends Kernel {
  default void run(
      Tensor history, Tensor x, Tensor weight, Tensor bias, int timeStride, Edge edge, Tensor out) {
    Check.activation("x", x, 4, this::accepts);
    Check.that(weight.shape().rank() == 5, "weight: expected rank 5, found " + weight);
    int rows = x.size(1);
    int columns = x.size(2);
    int channels = x.size(3);
    int kernelFrames = weight.size(0);
    int outChannels = weight.size(4);
    Check.weight(
        "weight", weight, kernelFrames, weight.size(1), weight.size(2), channels, outChannels);
    Check.that(
        weight.size(1) % 2 == 1 && weight.size(2) % 2 == 1,
        "weight: expected odd kernel rows and columns, found " + weight);
    Check.weight("bias", bias, outChannels);
    int historyFrames = 0;
    if (history != null) {
      Check.rank("history", history, x.dtype(), 4);
      historyFrames = history.size(0);
      Check.tensor("history", history, x.dtype(), historyFrames, rows, columns, channels);
    }
    int room = historyFrames + x.size(0) - kernelFrames;
    Check.that(
        timeStride > 0 && room >= 0,
        "x: expected history and x to hold at least "
            + kernelFrames
            + " frames, found "
            + historyFrames
            + " and "
            + x.size(0));
    Check.tensor("out", out, x.dtype(), room / timeStride + 1, rows, columns, outChannels);
    launch(history, x, weight, bias, timeStride, edge, out);
  }

  /** Floating-point operations of a launch: a multiplication and an addition are two. */
  static double operations(
      Tensor history, Tensor x, Tensor weight, Tensor bias, int timeStride, Edge edge, Tensor out) {
    return 2.0 * out.elements() * (weight.elements() / out.size(3));
  }

  /** Implemented by backends; arguments are checked. */
  void launch(
      Tensor history, Tensor x, Tensor weight, Tensor bias, int timeStride, Edge edge, Tensor out);
}
