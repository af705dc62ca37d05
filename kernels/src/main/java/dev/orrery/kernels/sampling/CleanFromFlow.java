package dev.orrery.kernels.sampling;

import dev.orrery.kernels.backend.Kernel;
import dev.orrery.kernels.tensor.Check;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;

/**
 * Clean latents from a flow prediction: {@code out = noisy - sigma * flow}, in double precision,
 * rounded once. {@code out} may be either input.
 *
 * <p>Shapes: {@code noisy, flow, out} alike. {@code sigma} is the noise level, 0 (clean) to 1 (pure
 * noise).
 *
 * <p>Errors: {@link IllegalArgumentException} for a shape or dtype that does not fit.
 *
 * <p>Source: Lipman et al., Flow Matching for Generative Modeling, with the straight path of
 * rectified flow.
 */
public interface CleanFromFlow extends Kernel {
  default void run(Tensor noisy, Tensor flow, double sigma, Tensor out) {
    Check.tensor("noisy", noisy, DType.F32, noisy.shape().extents());
    Check.tensor("flow", flow, DType.F32, noisy.shape().extents());
    Check.tensor("out", out, DType.F32, noisy.shape().extents());
    launch(noisy, flow, sigma, out);
  }

  /** Implemented by backends; arguments are checked. */
  void launch(Tensor noisy, Tensor flow, double sigma, Tensor out);
}
