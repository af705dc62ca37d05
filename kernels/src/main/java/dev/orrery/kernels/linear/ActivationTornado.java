package dev.orrery.kernels.linear;

import uk.ac.manchester.tornado.api.math.TornadoMath;

/** {@link Activation}s in fp32, as kernels for TornadoVM call them. */
public final class ActivationTornado {
  private ActivationTornado() {}

  /** The activation that a {@link Activation#code} names. */
  public static float apply(float y, int code) {
    float result = y;
    if (code == 1) {
      result = silu(y);
    }
    if (code == 2) {
      // sqrt(2 / pi)
      result = 0.5f * y * (1f + TornadoMath.tanh(0.7978845608f * (y + 0.044715f * y * y * y)));
    }
    if (code == 3) {
      // 1 / sqrt(2)
      result = 0.5f * y * erfc(-0.7071067812f * y);
    }
    if (code == 4) {
      result = 1f / (1f + TornadoMath.exp(-y));
    }
    return result;
  }

  private static float silu(float y) {
    return y / (1f + TornadoMath.exp(-y));
  }

  /**
   * Complementary error function, relative error 1.2e-7 and what fp32 adds: the Chebyshev fit of
   * Press et al., Numerical Recipes, section 6.2.2.
   */
  private static float erfc(float x) {
    float z = TornadoMath.abs(x);
    float t = 1f / (1f + 0.5f * z);
    float fit = 0.17087277f;
    fit = -0.82215223f + t * fit;
    fit = 1.48851587f + t * fit;
    fit = -1.13520398f + t * fit;
    fit = 0.27886807f + t * fit;
    fit = -0.18628806f + t * fit;
    fit = 0.09678418f + t * fit;
    fit = 0.37409196f + t * fit;
    fit = 1.00002368f + t * fit;
    fit = -1.26551223f + t * fit;
    float tail = t * TornadoMath.exp(fit - z * z);
    return x < 0f ? 2f - tail : tail;
  }
}
