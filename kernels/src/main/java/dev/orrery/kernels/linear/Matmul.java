package dev.orrery.kernels.linear;

import dev.orrery.kernels.backend.Kernel;
import dev.orrery.kernels.tensor.Check;
import dev.orrery.kernels.tensor.Tensor;

/**
 * Linear layer: {@code out = activation(x weight^T + bias)}.
 *
 * <p>Shapes: {@code x [M, K]}, {@code weight [N, K]} as checkpoints store it, {@code bias [N]} or
 * null, {@code out [M, N]}. K and N are any positive numbers.
 *
 * <p>Precision: fp32 accumulation or better, in an order over K that depends on neither M nor the
 * number of threads.
 *
 * <p>Errors: {@link IllegalArgumentException} for a shape or dtype that does not fit.
 */
public interface Matmul extends Kernel {
  default void run(Tensor x, Tensor weight, Tensor bias, Activation activation, Tensor out) {
    Check.activation("x", x, 2, this::accepts);
    int rows = x.size(0);
    int depth = x.size(1);
    Check.that(weight.shape().rank() == 2, "weight: expected rank 2, found " + weight);
    int columns = weight.size(0);
    Check.weight("weight", weight, columns, depth);
    if (bias != null) {
      Check.weight("bias", bias, columns);
    }
    Check.tensor("out", out, x.dtype(), rows, columns);
    launch(x, weight, bias, activation, out);
  }

  /** Floating-point operations of a launch: a multiplication and an addition are two. */
  static double operations(
      Tensor x, Tensor weight, Tensor bias, Activation activation, Tensor out) {
    return 2.0 * x.elements() * weight.size(0);
  }

  /** Implemented by backends; arguments are checked. */
  void launch(Tensor x, Tensor weight, Tensor bias, Activation activation, Tensor out);
}
