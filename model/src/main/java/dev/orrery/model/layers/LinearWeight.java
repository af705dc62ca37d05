package dev.orrery.model.layers;

import dev.orrery.kernels.linear.Epilogue;
import dev.orrery.kernels.linear.quantized.MatmulFp8;
import dev.orrery.kernels.linear.quantized.MatmulInt8;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.runtime.checkpoint.StoredMatrix;
import java.util.List;

/** The matrix {@code [out, in]} of a linear layer in the form in which its checkpoint stores it. */
sealed interface LinearWeight permits FloatWeight, RowScaledWeight, GroupScaledWeight {
  /** The parameter {@code weight}. */
  static LinearWeight of(Parameters p, int in, int out) {
    return switch (p.matrix("weight", out, in)) {
      case StoredMatrix.Plain(var values) -> FloatWeight.of(p, values);
      case StoredMatrix.Rows(var rows) when rows.values().dtype() == DType.I8 ->
          RowScaledWeight.of(p, p.kernel(MatmulInt8.class), rows);
      case StoredMatrix.Rows(var rows) -> RowScaledWeight.of(p, p.kernel(MatmulFp8.class), rows);
      case StoredMatrix.Groups(var groups) -> GroupScaledWeight.of(p, groups);
    };
  }

  /**
   * The product with an input.
   *
   * @param bias {@code [out]} or null
   * @param epilogue where it goes
   */
  void run(LinearInput x, Tensor bias, Epilogue epilogue);

  /**
   * One of several products with the same input.
   *
   * @param bias {@code [out]} or null
   * @param out where it is stored
   */
  record Part(LinearWeight weight, Tensor bias, Tensor out) {}

  /**
   * Several products with an input, this weight's the first, as one call of a kernel.
   *
   * @return whether there is one: all weights are stored like this one; if not, nothing is computed
   */
  boolean runAll(LinearInput x, List<Part> parts);

  /** Rows {@code [from, to)}. */
  LinearWeight outputs(int from, int to);
}
