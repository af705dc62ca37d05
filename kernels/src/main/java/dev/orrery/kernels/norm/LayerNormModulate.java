package dev.orrery.kernels.norm;

import dev.orrery.kernels.backend.Kernel;
import dev.orrery.kernels.tensor.Check;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;

/**
 * Adaptive layer norm: a layer norm without affine parameters, then scale and shift of the token's
 * latent frame: {@code out[t, c] = (x[t, c] - mean_t) / sqrt(var_t + eps) * (1 + scale[f, c]) +
 * shift[f, c]} with {@code f = t / S} and S = T / F tokens in each frame. {@code out} may be {@code
 * x}.
 *
 * <p>Shapes: {@code x, out [T, C]}, {@code shift, scale [F, C]}, T a multiple of F.
 *
 * <p>Errors: {@link IllegalArgumentException} for a shape or dtype that does not fit.
 *
 * <p>Source: Peebles and Xie, Scalable Diffusion Models with Transformers, section 3.2.
 */
public interface LayerNormModulate extends Kernel {
  default void run(Tensor x, Tensor shift, Tensor scale, double eps, Tensor out) {
    Check.activation("x", x, 2, this::accepts);
    Check.rank("shift", shift, DType.F32, 2);
    int tokens = x.size(0);
    int channels = x.size(1);
    int frames = shift.size(0);
    Check.tensor("shift", shift, DType.F32, frames, channels);
    Check.tensor("scale", scale, DType.F32, frames, channels);
    Check.multiple("tokens of x", tokens, "frames of shift", frames);
    Check.tensor("out", out, x.dtype(), tokens, channels);
    launch(x, shift, scale, eps, out);
  }

  /** Implemented by backends; arguments are checked. */
  void launch(Tensor x, Tensor shift, Tensor scale, double eps, Tensor out);
}
