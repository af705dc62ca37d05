package dev.orrery.kernels.norm;

import dev.orrery.kernels.backend.Kernel;
import dev.orrery.kernels.tensor.Check;
import dev.orrery.kernels.tensor.Tensor;

/**
 * Layer norm with an affine transform: {@code out[r, c] = (x[r, c] - mean_r) / sqrt(var_r + eps) *
 * weight[c] + bias[c]}, mean and (biased) variance over the C values of row r. {@code out} may be
 * {@code x}.
 *
 * <p>Shapes: {@code x, out [R, C]}, {@code weight, bias [C]}.
 *
 * <p>Errors: {@link IllegalArgumentException} for a shape or dtype that does not fit.
 *
 * <p>Source: Ba, Kiros and Hinton, Layer Normalization, equations 3 and 4, with eps inside the
 * root.
 */
public interface LayerNorm extends Kernel {
  default void run(Tensor x, Tensor weight, Tensor bias, double eps, Tensor out) {
    Check.activation("x", x, 2, this::accepts);
    Check.weight("weight", weight, x.size(1));
    Check.weight("bias", bias, x.size(1));
    Check.tensor("out", out, x.dtype(), x.size(0), x.size(1));
    launch(x, weight, bias, eps, out);
  }

  /** Implemented by backends; arguments are checked. */
  void launch(Tensor x, Tensor weight, Tensor bias, double eps, Tensor out);
}
