package dev.orrery.kernels.elementwise;

import dev.orrery.kernels.backend.Kernel;
import dev.orrery.kernels.tensor.Check;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;

/**
 * Residual connection with a gate per latent frame: {@code out[t, c] = x[t, c] + y[t, c] * gate[t /
 * S, c]}, where each of the F frames has S = T / F tokens. {@code out} may be {@code x} or {@code
 * y}.
 *
 * <p>Shapes: {@code x, y, out [T, C]}, {@code gate [F, C]}, T a multiple of F.
 *
 * <p>Errors: {@link IllegalArgumentException} for a shape or dtype that does not fit.
 */
public interface GatedResidual extends Kernel {
  default void run(Tensor x, Tensor y, Tensor gate, Tensor out) {
    Check.activation("x", x, 2, this::accepts);
    Check.rank("gate", gate, DType.F32, 2);
    int tokens = x.size(0);
    int channels = x.size(1);
    Check.tensor("y", y, x.dtype(), tokens, channels);
    Check.tensor("gate", gate, DType.F32, gate.size(0), channels);
    Check.multiple("tokens of x", tokens, "frames of gate", gate.size(0));
    Check.tensor("out", out, x.dtype(), tokens, channels);
    launch(x, y, gate, out);
  }

  /** Implemented by backends; arguments are checked. */
  void launch(Tensor x, Tensor y, Tensor gate, Tensor out);
}
