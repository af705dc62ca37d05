package dev.orrery.kernels.linear;

/** Functions that an operation may apply to its result before it is stored. */
public enum Activation {
  /** {@code y}. */
  NONE(0),
  /** {@code y / (1 + exp(-y))}. */
  SILU(1),
  /** {@code 0.5 y (1 + tanh(sqrt(2/pi) (y + 0.044715 y^3)))}. */
  GELU_TANH(2),
  /** {@code 0.5 y (1 + erf(y / sqrt(2)))}. */
  GELU_ERF(3),
  /** {@code 1 / (1 + exp(-y))}. */
  SIGMOID(4);

  private final int code;

  Activation(int code) {
    this.code = code;
  }

  /** The number by which CUDA sources know it; {@code activation.cuh} has the same. */
  public int code() {
    return code;
  }

  /** The definition, in double precision. */
  public double apply(double y) {
    return switch (this) {
      case NONE -> y;
      case SILU -> y / (1 + Math.exp(-y));
      case GELU_TANH ->
          0.5 * y * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (y + 0.044715 * y * y * y)));
      case GELU_ERF -> 0.5 * y * ErrorFunction.erfc(-y / Math.sqrt(2));
      case SIGMOID -> 1 / (1 + Math.exp(-y));
    };
  }
}
