package dev.orrery.kernels.linear.quantized;

import dev.orrery.kernels.backend.Kernel;
import dev.orrery.kernels.linear.Epilogue;
import dev.orrery.kernels.tensor.Check;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;

/**
 * Linear layer of fp8 E4M3 weights and activations: {@code y[m, n] = bias[n] + x.scales[m] *
 * weight.scales[n] * sum_k x.values[m, k] * weight.values[n, k]}, stored or added as {@link
 * Epilogue} says.
 *
 * <p>Shapes: {@code x [M, K]}, {@code weight [N, K]}, {@code bias [N]} or null.
 *
 * <p>Precision: fp32 accumulation or better of the products of values, multiplied at the end by the
 * token's scale, then by the channel's. Where results have 16 bits, a backend may keep 14 bits of
 * the sums of up to 128 products that it then adds in fp32.
 *
 * <p>Errors: {@link IllegalArgumentException} for a shape or dtype that does not fit.
 */
public interface MatmulFp8 extends Kernel, ScaledProduct {
  @Override
  default void check(ScaledRows x, ScaledRows weight, Tensor bias, Epilogue epilogue) {
    int rows = x.values().size(0);
    int depth = x.values().size(1);
    int columns = weight.values().size(0);
    Check.tensor("x", x.values(), DType.F8_E4M3, rows, depth);
    Check.tensor("weight", weight.values(), DType.F8_E4M3, columns, depth);
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
