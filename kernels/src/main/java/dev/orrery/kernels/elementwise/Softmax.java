package dev.orrery.kernels.elementwise;

import dev.orrery.kernels.backend.Kernel;
import dev.orrery.kernels.tensor.Check;
import dev.orrery.kernels.tensor.Tensor;

/**
 * Softmax over the last axis: {@code out[r, c] = exp(x[r, c] - m_r) / sum_j exp(x[r, j] - m_r)}
 * with {@code m_r} the largest value of row r. {@code out} may be {@code x}.
 *
 * <p>Shapes: {@code x [R, C]}, {@code out [R, C]}, C positive.
 *
 * <p>Errors: {@link IllegalArgumentException} for a shape or dtype that does not fit.
 */
public interface Softmax extends Kernel {
  default void run(Tensor x, Tensor out) {
    Check.activation("x", x, 2, this::accepts);
    Check.that(x.size(1) > 0, "x: expected at least one column, found " + x);
    Check.tensor("out", out, x.dtype(), x.shape().extents());
    launch(x, out);
  }

  /** Implemented by backends; arguments are checked. */
  void launch(Tensor x, Tensor out);
}
