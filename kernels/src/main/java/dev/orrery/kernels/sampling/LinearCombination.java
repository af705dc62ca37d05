package dev.orrery.kernels.sampling;

import dev.orrery.kernels.backend.Kernel;
import dev.orrery.kernels.tensor.Check;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;

/**
 * Linear combination of two or three tensors, {@code out = a x + b y} or {@code out = a x + b y + c
 * z}, from left to right in double precision, rounded to fp32 once. {@code out} may be any input.
 *
 * <p>What samplers do to latents: adding noise, {@code (1 - sigma) clean + sigma noise}; clean
 * latents from the velocity of a straight path, {@code noisy - sigma velocity}, and a step along
 * it; a step of DDIM; guidance.
 *
 * <p>Shapes: all tensors alike, fp32.
 *
 * <p>Errors: {@link IllegalArgumentException} for a shape or dtype that does not fit.
 *
 * <p>Precision: TornadoVM computes in fp32, as many of its devices have nothing else.
 */
public interface LinearCombination extends Kernel {
  default void run(double a, Tensor x, double b, Tensor y, Tensor out) {
    Check.tensor("x", x, DType.F32, x.shape().extents());
    Check.tensor("y", y, DType.F32, x.shape().extents());
    Check.tensor("out", out, DType.F32, x.shape().extents());
    launch(a, x, b, y, out);
  }

  /** The combination of three. */
  default void run(double a, Tensor x, double b, Tensor y, double c, Tensor z, Tensor out) {
    Check.tensor("x", x, DType.F32, x.shape().extents());
    Check.tensor("y", y, DType.F32, x.shape().extents());
    Check.tensor("z", z, DType.F32, x.shape().extents());
    Check.tensor("out", out, DType.F32, x.shape().extents());
    launch(a, x, b, y, c, z, out);
  }

  /** Implemented by backends; arguments are checked. */
  void launch(double a, Tensor x, double b, Tensor y, Tensor out);

  /** Implemented by backends; arguments are checked. */
  void launch(double a, Tensor x, double b, Tensor y, double c, Tensor z, Tensor out);
}
