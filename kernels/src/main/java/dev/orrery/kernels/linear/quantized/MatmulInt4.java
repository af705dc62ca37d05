package dev.orrery.kernels.linear.quantized;

import dev.orrery.kernels.backend.Kernel;
import dev.orrery.kernels.linear.Epilogue;
import dev.orrery.kernels.tensor.Check;
import dev.orrery.kernels.tensor.Tensor;

/**
 * Linear layer whose weight alone is quantised, to four bits: {@code y[m, n] = bias[n] + sum_k x[m,
 * k] * weight[n, k]}, stored or added as {@link Epilogue} says.
 *
 * <p>Shapes: {@code x [M, K]}, {@code weight [N, K]} as {@link GroupedInt4}, {@code bias [N]} or
 * null.
 *
 * <p>Precision: the weight's elements are rounded to the dtype of x before they are multiplied;
 * fp32 accumulation or better.
 *
 * <p>Errors: {@link IllegalArgumentException} for a shape or dtype that does not fit.
 */
public interface MatmulInt4 extends Kernel {
  default void run(Tensor x, GroupedInt4 weight, Tensor bias, Epilogue epilogue) {
    Check.activation("x", x, 2, this::accepts);
    Check.tensor("x", x, x.dtype(), x.size(0), weight.columns());
    Check.that(
        epilogue.target().dtype() == x.dtype(),
        "out: expected " + x.dtype() + ", found " + epilogue.target());
    epilogue.check(x.size(0), weight.rows(), bias);
    launch(x, weight, bias, epilogue);
  }

  /** Floating-point operations of a launch: a multiplication and an addition are two. */
  static double operations(Tensor x, GroupedInt4 weight, Tensor bias, Epilogue epilogue) {
    return 2.0 * x.elements() * weight.rows();
  }

  /** Implemented by backends; arguments are checked. */
  void launch(Tensor x, GroupedInt4 weight, Tensor bias, Epilogue epilogue);
}
