package dev.orrery.kernels.linear;

import dev.orrery.kernels.backend.Kernel;
import dev.orrery.kernels.tensor.Check;
import dev.orrery.kernels.tensor.Tensor;

/**
 * Linear layer that ends in a residual connection: {@code residual[t] += gate[t / S] * (x weight^T
 * + bias)[t]}, where each of the F frames has S = T / F tokens. Without a gate the factor is one.
 * The product itself is never stored.
 *
 * <p>Shapes: {@code x [T, K]}, {@code weight [N, K]}, {@code bias [N]} or null, {@code gate [F, N]}
 * (fp32) or null, {@code residual [T, N]}, replaced. K and N are any positive numbers.
 *
 * <p>Precision: that of {@link Matmul}.
 *
 * <p>Errors: {@link IllegalArgumentException} for a shape or dtype that does not fit.
 */
public interface MatmulResidual extends Kernel {
  default void run(Tensor x, Tensor weight, Tensor bias, Tensor gate, Tensor residual) {
    Check.activation("x", x, 2, this::accepts);
    int rows = x.size(0);
    int depth = x.size(1);
    Check.that(weight.shape().rank() == 2, "weight: expected rank 2, found " + weight);
    int columns = weight.size(0);
    Check.weight("weight", weight, columns, depth);
    Check.tensor("residual", residual, x.dtype(), rows, columns);
    new Epilogue.AddTo(gate, residual).check(rows, columns, bias);
    launch(x, weight, bias, gate, residual);
  }

  /** S, the rows that have one row of the gate in common; one without a gate. */
  static int rowsPerFrame(Tensor rows, Tensor gate) {
    return gate == null ? 1 : rows.size(0) / gate.size(0);
  }

  /** Floating-point operations of a launch: a multiplication and an addition are two. */
  static double operations(Tensor x, Tensor weight, Tensor bias, Tensor gate, Tensor residual) {
    return 2.0 * x.elements() * weight.size(0);
  }

  /** Implemented by backends; arguments are checked. */
  void launch(Tensor x, Tensor weight, Tensor bias, Tensor gate, Tensor residual);
}
