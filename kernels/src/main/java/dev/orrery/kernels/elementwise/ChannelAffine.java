package dev.orrery.kernels.elementwise;

import dev.orrery.kernels.backend.Kernel;
import dev.orrery.kernels.tensor.Check;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;

/**
 * Scale and offset per channel: {@code out[r, c] = x[r, c] * scale[c] + offset[c]}. {@code out} may
 * be {@code x}.
 *
 * <p>Shapes: {@code x, out [R, C]}, {@code scale, offset [C]}.
 *
 * <p>Errors: {@link IllegalArgumentException} for a shape or dtype that does not fit.
 */
public interface ChannelAffine extends Kernel {
  default void run(Tensor x, Tensor scale, Tensor offset, Tensor out) {
    Check.activation("x", x, 2, this::accepts);
    Check.tensor("scale", scale, DType.F32, x.size(1));
    Check.tensor("offset", offset, DType.F32, x.size(1));
    Check.activation("out", out, 2, this::accepts);
    Check.tensor("out", out, out.dtype(), x.size(0), x.size(1));
    launch(x, scale, offset, out);
  }

  /** Implemented by backends; arguments are checked. */
  void launch(Tensor x, Tensor scale, Tensor offset, Tensor out);
}
