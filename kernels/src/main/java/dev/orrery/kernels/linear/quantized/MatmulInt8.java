package dev.orrery.kernels.linear.quantized;

import dev.orrery.kernels.backend.Kernel;
import dev.orrery.kernels.linear.Epilogue;
import dev.orrery.kernels.tensor.Check;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;

/**
 * Linear layer of int8 weights and int8 activations (W8A8): {@code y[m, n] = bias[n] + x.scales[m]
 * * weight.scales[n] * sum_k x.values[m, k] * weight.values[n, k]}, stored or added as {@link
 * Epilogue} says.
 *
 * <p>Shapes: {@code x [M, K]}, {@code weight [N, K]}, {@code bias [N]} or null. K is at most
 * {@value #MOST_DEPTH}.
 *
 * <p>Precision: products are exact and added in fp32 or better. The sum is multiplied by the
 * token's scale, then by the channel's, each rounded to fp32.
 *
 * <p>Errors: {@link IllegalArgumentException} for a shape or dtype that does not fit.
 */
public interface MatmulInt8 extends Kernel, ScaledProduct {
  /** As many products of -128 and -128 as an int32 holds the sum of. */
  int MOST_DEPTH = Integer.MAX_VALUE / (128 * 128);

  @Override
  default void check(ScaledRows x, ScaledRows weight, Tensor bias, Epilogue epilogue) {
    int rows = x.values().size(0);
    int depth = x.values().size(1);
    int columns = weight.values().size(0);
    Check.tensor("x", x.values(), DType.I8, rows, depth);
    Check.tensor("weight", weight.values(), DType.I8, columns, depth);
    Check.that(
        depth <= MOST_DEPTH, "x: expected at most " + MOST_DEPTH + " columns, found " + x.values());
    Check.activation("out", epilogue.target(), this::accepts);
    epilogue.check(rows, columns, bias);
  }

  /** Floating-point operations of a launch: a multiplication and an addition are two. */
  static double operations(ScaledRows x, ScaledRows weight, Tensor bias, Epilogue epilogue) {
    return 2.0 * x.values().elements() * weight.values().size(0);
  }

  /** Implemented by backends; arguments are checked. */
  @Override
  void launch(ScaledRows x, ScaledRows weight, Tensor bias, Epilogue epilogue);
}
