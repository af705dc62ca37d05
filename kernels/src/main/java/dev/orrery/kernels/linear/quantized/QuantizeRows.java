package dev.orrery.kernels.linear.quantized;

import dev.orrery.kernels.backend.Kernel;
import dev.orrery.kernels.tensor.Check;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;

/**
 * Dynamic quantisation of activations with a scale for each token: {@code scales[m] = max_k |x[m,
 * k]| / limit}, {@code values[m, k] = round(x[m, k] * (limit / max))}, with the limit 127 for int8
 * and 448, the largest finite value, for fp8 E4M3.
 *
 * <p>Shapes: {@code x [M, K]}; {@code out.values [M, K]}, {@code out.scales [M]}.
 *
 * <p>Precision: both quotients and the product are rounded to fp32 each, values to the nearest of
 * their type, ties to even; so every backend gives the same bits. A token of zeros has scale 0 and
 * values 0, and so has one whose max is so small that limit / max overflows: below 4e-37 for int8,
 * 2e-36 for fp8. A token with a value that is not finite has scale NaN and values 0, so that every
 * product with it is NaN.
 *
 * <p>Errors: {@link IllegalArgumentException} for a shape or dtype that does not fit.
 */
public interface QuantizeRows extends Kernel {
  /** The largest quantised value of a dtype that rows can be quantised to. */
  static float limit(DType dtype) {
    return switch (dtype) {
      case I8 -> 127;
      case F8_E4M3 -> 448;
      default -> throw new IllegalArgumentException("values: expected I8 or F8_E4M3: " + dtype);
    };
  }

  default void run(Tensor x, ScaledRows out) {
    Check.activation("x", x, 2, this::accepts);
    Check.tensor("out", out.values(), out.values().dtype(), x.size(0), x.size(1));
    launch(x, out);
  }

  /** Implemented by backends; arguments are checked. */
  void launch(Tensor x, ScaledRows out);
}
