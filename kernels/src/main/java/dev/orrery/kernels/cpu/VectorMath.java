package dev.orrery.kernels.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Functions of fp32 vectors of {@link SimdTile#SPECIES}, made of fused multiply-adds, divisions and
 * integer operations only: every lane is rounded the same way on every machine, which {@code
 * lanewise(EXP)} does not promise.
 *
 * <p>The formulas of the activations are those of the pages about SiLU and GELU (Hendrycks and
 * Gimpel, Gaussian Error Linear Units); arguments of activations are finite.
 */
public final class VectorMath {
  private static final float LOG2_E = 1.44269504f;

  /**
   * ln 2 in two parts; the first has 9 trailing zero bits, so that its product with an exponent is
   * exact.
   */
  private static final float LN2_HIGH = 0x1.62e4p-1f;

  private static final float LN2_LOW = (float) (Math.log(2) - LN2_HIGH);

  /** Adding 1.5 * 2^23 rounds to an integer, which then stands in the low bits. */
  private static final float ROUND = 0x1.8p23f;

  /**
   * Below, the result is less than half of the smallest fp32 number; above, it is larger than the
   * largest.
   */
  private static final float EXP_MIN = -103.97208f;

  private static final float EXP_MAX = 88.72284f;

  /** {@code 2 sqrt(2 / pi)} and that times 0.044715. */
  private static final float GELU_LINEAR = (float) (2 * Math.sqrt(2 / Math.PI));

  private static final float GELU_CUBIC = (float) (0.044715 * 2 * Math.sqrt(2 / Math.PI));

  /** The polynomial of {@link #geluErf}, own minimax fit. */
  private static final float ERFC_1 = 0.139621302f;

  private static final float ERFC_2 = 0.139863536f;
  private static final float ERFC_3 = 0.119821183f;
  private static final float ERFC_4 = 0.105552927f;
  private static final float ERFC_5 = -0.023213394f;
  private static final float ERFC_6 = 0.159321249f;
  private static final float ERFC_7 = -0.255840391f;
  private static final float ERFC_8 = 0.144031614f;
  private static final float ERFC_9 = -0.0291580297f;

  private VectorMath() {}

  /**
   * {@code e^x}, within 1.5 units in the last place where the result is a normal number. Gives 0
   * and infinity where fp32 under- or overflows, and NaN for NaN.
   */
  public static FloatVector exp(FloatVector x) {
    FloatVector shifted = x.fma(FloatVector.broadcast(SimdTile.SPECIES, LOG2_E), broadcast(ROUND));
    FloatVector power = shifted.sub(ROUND);
    FloatVector rest = power.fma(broadcast(-LN2_HIGH), x);
    rest = power.fma(broadcast(-LN2_LOW), rest);
    // Taylor series for |rest| <= ln 2 / 2: the first term left out is 5e-9 of the result.
    FloatVector sum = broadcast(1f / 5040).fma(rest, broadcast(1f / 720));
    sum = sum.fma(rest, broadcast(1f / 120));
    sum = sum.fma(rest, broadcast(1f / 24));
    sum = sum.fma(rest, broadcast(1f / 6));
    sum = sum.fma(rest, broadcast(0.5f));
    sum = sum.fma(rest, broadcast(1));
    sum = sum.fma(rest, broadcast(1));
    // Two factors, because 2^128 and the denormal powers are not fp32 numbers of their own.
    IntVector exponent = shifted.reinterpretAsInts().sub(Float.floatToRawIntBits(ROUND));
    IntVector half = exponent.lanewise(VectorOperators.ASHR, 1);
    // Written out twice: as a method, C2 stopped inlining it in large callers and allocated
    // vectors.
    FloatVector first = half.add(127).lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats();
    IntVector other = exponent.sub(half).add(127);
    FloatVector second = other.lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats();
    FloatVector result = sum.mul(first).mul(second);
    result = result.blend(0f, x.lt(EXP_MIN));
    return result.blend(Float.POSITIVE_INFINITY, x.compare(VectorOperators.GT, EXP_MAX));
  }

  /** {@code y / (1 + e^-y)}. */
  public static FloatVector silu(FloatVector y) {
    return y.div(exp(y.neg()).add(1));
  }

  /** GELU by tanh, written as {@code y / (1 + e^(-2 u))} so that nothing cancels for negative y. */
  public static FloatVector geluTanh(FloatVector y) {
    FloatVector slope = y.mul(y).fma(broadcast(-GELU_CUBIC), broadcast(-GELU_LINEAR));
    return y.div(exp(slope.mul(y)).add(1));
  }

  /**
   * GELU by erf, {@code max(y, 0) - |y| h} with {@code h = erfc(|y| / sqrt 2) / 2}: for negative y
   * this is the product y h alone, so nothing cancels. {@code h e^(y^2/2)} is a polynomial in
   * {@code t = 1 / (1 + 0.35 |y|)} fitted for the smallest relative error (5e-8) on 0 to 14.
   */
  public static FloatVector geluErf(FloatVector y) {
    FloatVector size = y.abs();
    FloatVector t = broadcast(1).div(size.fma(broadcast(0.35f), broadcast(1)));
    FloatVector sum = broadcast(ERFC_9).fma(t, broadcast(ERFC_8));
    sum = sum.fma(t, broadcast(ERFC_7));
    sum = sum.fma(t, broadcast(ERFC_6));
    sum = sum.fma(t, broadcast(ERFC_5));
    sum = sum.fma(t, broadcast(ERFC_4));
    sum = sum.fma(t, broadcast(ERFC_3));
    sum = sum.fma(t, broadcast(ERFC_2));
    sum = sum.fma(t, broadcast(ERFC_1));
    FloatVector h = sum.mul(t).mul(exp(y.mul(y).mul(-0.5f)));
    return y.max(0f).sub(size.mul(h));
  }

  private static FloatVector broadcast(float value) {
    return FloatVector.broadcast(SimdTile.SPECIES, value);
  }
}
