package dev.orrery.kernels.norm;

import dev.orrery.kernels.backend.Kernel;
import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.tensor.Check;
import dev.orrery.kernels.tensor.Tensor;

/**
 * The norm of the Wan VAE, an L2 normalisation over the channels of a pixel, with an activation on
 * top: {@code out[p, c] = activation(x[p, c] / max(||x_p||, 1e-12) * sqrt(C) * gamma[c])}. {@code
 * out} may be {@code x}.
 *
 * <p>Shapes: {@code x, out [P, C]}, P pixels of any number of frames, channels last; {@code gamma
 * [C]}.
 *
 * <p>The 1e-12 is a lower bound of the length, not added to it, so a pixel of zeros stays zero.
 *
 * <p>Errors: {@link IllegalArgumentException} for a shape or dtype that does not fit.
 *
 * <p>Source: RMS_norm of Wan 2.1's {@code vae.py}.
 */
public interface ChannelRmsNorm extends Kernel {
  /** Shortest length that a pixel's channels are divided by. */
  double MIN_LENGTH = 1e-12;

  default void run(Tensor x, Tensor gamma, Activation activation, Tensor out) {
    Check.activation("x", x, 2, this::accepts);
    Check.weight("gamma", gamma, x.size(1));
    Check.tensor("out", out, x.dtype(), x.size(0), x.size(1));
    launch(x, gamma, activation, out);
  }

  /** Implemented by backends; arguments are checked. */
  void launch(Tensor x, Tensor gamma, Activation activation, Tensor out);
}
