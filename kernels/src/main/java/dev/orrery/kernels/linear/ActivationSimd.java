package dev.orrery.kernels.linear;

import dev.orrery.kernels.cpu.VectorMath;
import jdk.incubator.vector.FloatVector;

/**
 * {@link Activation} of fp32 vectors, within 3e-7 of the definition, relative to it, and 2e-8 in
 * the negative tail.
 */
public final class ActivationSimd {
  private ActivationSimd() {}

  /**
   * The activation of every lane of a vector of {@link dev.orrery.kernels.cpu.SimdTile#SPECIES}.
   */
  public static FloatVector apply(Activation activation, FloatVector y) {
    return switch (activation) {
      case NONE -> y;
      case SILU -> VectorMath.silu(y);
      case GELU_TANH -> VectorMath.geluTanh(y);
      case GELU_ERF -> VectorMath.geluErf(y);
    };
  }
}
