package dev.orrery.kernels.sampling;

import dev.orrery.kernels.backend.Kernel;
import dev.orrery.kernels.tensor.Check;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;

/**
 * Brings clean latents back to a noise level: {@code out = (1 - sigma) * clean + sigma * noise}.
 * {@code out} may be either input.
 *
 * <p>Shapes: {@code clean, noise, out} alike. {@code sigma} is the noise level, 0 (clean) to 1
 * (pure noise), held in fp32.
 *
 * <p>Errors: {@link IllegalArgumentException} for a shape or dtype that does not fit.
 */
public interface AddNoise extends Kernel {
  default void run(Tensor clean, Tensor noise, float sigma, Tensor out) {
    Check.tensor("clean", clean, DType.F32, clean.shape().extents());
    Check.tensor("noise", noise, DType.F32, clean.shape().extents());
    Check.tensor("out", out, DType.F32, clean.shape().extents());
    launch(clean, noise, sigma, out);
  }

  /** Implemented by backends; arguments are checked. */
  void launch(Tensor clean, Tensor noise, float sigma, Tensor out);
}
