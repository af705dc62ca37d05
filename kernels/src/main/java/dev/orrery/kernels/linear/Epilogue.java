package dev.orrery.kernels.linear;

import dev.orrery.kernels.tensor.Check;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;

/** What a linear layer does with its sums, bias added. */
public sealed interface Epilogue {
  /**
   * Stores them as {@link Matmul} does: {@code out = activation(y)}.
   *
   * @param activation function of every element
   * @param out {@code [M, N]}
   */
  record Store(Activation activation, Tensor out) implements Epilogue {}

  /**
   * Adds them as {@link MatmulResidual} does: {@code residual[t] += gate[t / S] * y[t]}, with S = M
   * / F tokens in each of F frames.
   *
   * @param gate {@code [F, N]}, fp32, or null for one
   * @param residual {@code [M, N]}, replaced
   */
  record AddTo(Tensor gate, Tensor residual) implements Epilogue {}

  /** Where the sums go. */
  default Tensor target() {
    return switch (this) {
      case Store store -> store.out;
      case AddTo addTo -> addTo.residual;
    };
  }

  /**
   * Checks bias and epilogue of a product of M rows and N columns.
   *
   * @param bias {@code [N]} or null
   * @throws IllegalArgumentException if a shape or dtype does not fit
   */
  default void check(int rows, int columns, Tensor bias) {
    if (bias != null) {
      Check.weight("bias", bias, columns);
    }
    Tensor target = target();
    Check.tensor("out", target, target.dtype(), rows, columns);
    if (this instanceof AddTo(Tensor gate, Tensor _) && gate != null) {
      Check.rank("gate", gate, DType.F32, 2);
      Check.tensor("gate", gate, DType.F32, gate.size(0), columns);
      Check.multiple("tokens of x", rows, "frames of gate", gate.size(0));
    }
  }
}
