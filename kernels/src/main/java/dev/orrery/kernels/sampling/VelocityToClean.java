package dev.orrery.kernels.sampling;

import dev.orrery.kernels.backend.Kernel;
import dev.orrery.kernels.tensor.Check;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;

/**
 * Clean latents from a velocity prediction (x0 from v): {@code out = noisy - sigma * velocity}, in
 * double precision, rounded once. {@code out} may be either input.
 *
 * <p>Shapes: {@code noisy, velocity, out} alike. {@code sigma} is the noise level, 0 (clean) to 1
 * (pure noise).
 *
 * <p>Errors: {@link IllegalArgumentException} for a shape or dtype that does not fit.
 *
 * <p>Source: Lipman et al., Flow Matching for Generative Modeling, with the straight path of
 * rectified flow.
 */
public interface VelocityToClean extends Kernel {
  default void run(Tensor noisy, Tensor velocity, double sigma, Tensor out) {
    Check.tensor("noisy", noisy, DType.F32, noisy.shape().extents());
    Check.tensor("velocity", velocity, DType.F32, noisy.shape().extents());
    Check.tensor("out", out, DType.F32, noisy.shape().extents());
    launch(noisy, velocity, sigma, out);
  }

  /** Implemented by backends; arguments are checked. */
  void launch(Tensor noisy, Tensor velocity, double sigma, Tensor out);
}
