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
 *
 * <p>Constants are vectors and operations few, so that C2's budget of nodes for a method ({@code
 * NodeCountInliningCutoff}) takes an exponential function and its surroundings; beyond it, vectors
 * become objects.
 */
public final class VectorMath {
  private static final FloatVector LOG2_E = broadcast(1 / Math.log(2));

  /**
   * ln 2 in two parts, negated; the first has 9 trailing zero bits, so that its product with an
   * exponent is exact.
   */
  private static final FloatVector LN2_HIGH = broadcast(-0x1.62e4p-1);

  private static final FloatVector LN2_LOW = broadcast(0x1.62e4p-1 - Math.log(2));

  /**
   * Adding 1.5 * 2^23 rounds to an integer n, which then stands in the low bits; with 126 more,
   * those are the exponent bits of 2^(n-1).
   */
  private static final FloatVector ROUND = broadcast(0x1.8p23 + 126);

  /**
   * Below, 2^(n-1) is no normal fp32 number, and the result, under 1.8e-38, becomes 0; above,
   * infinity.
   */
  private static final FloatVector EXP_MIN = broadcast(-86.98);

  private static final FloatVector EXP_MAX = broadcast(88.72283);
  private static final FloatVector INFINITY = broadcast(Double.POSITIVE_INFINITY);
  private static final FloatVector ZERO = broadcast(0);
  private static final FloatVector ONE = broadcast(1);

  /**
   * Twice the Taylor series of e^x; for |x| <= ln 2 / 2 the first term left out is 5e-9 of the sum.
   */
  private static final FloatVector EXP_0 = broadcast(2);

  private static final FloatVector EXP_2 = broadcast(1);
  private static final FloatVector EXP_3 = broadcast(1.0 / 3);
  private static final FloatVector EXP_4 = broadcast(1.0 / 12);
  private static final FloatVector EXP_5 = broadcast(1.0 / 60);
  private static final FloatVector EXP_6 = broadcast(1.0 / 360);
  private static final FloatVector EXP_7 = broadcast(1.0 / 2520);

  /** {@code -2 sqrt(2 / pi)} and that times 0.044715. */
  private static final FloatVector GELU_LINEAR = broadcast(-2 * Math.sqrt(2 / Math.PI));

  private static final FloatVector GELU_CUBIC = broadcast(-0.044715 * 2 * Math.sqrt(2 / Math.PI));

  private static final FloatVector ERFC_SLOPE = broadcast(0.35);
  private static final FloatVector MINUS_HALF = broadcast(-0.5);

  /** The polynomial of {@link #geluErf}, own minimax fit. */
  private static final FloatVector ERFC_1 = broadcast(0.139621302);

  private static final FloatVector ERFC_2 = broadcast(0.139863536);
  private static final FloatVector ERFC_3 = broadcast(0.119821183);
  private static final FloatVector ERFC_4 = broadcast(0.105552927);
  private static final FloatVector ERFC_5 = broadcast(-0.023213394);
  private static final FloatVector ERFC_6 = broadcast(0.159321249);
  private static final FloatVector ERFC_7 = broadcast(-0.255840391);
  private static final FloatVector ERFC_8 = broadcast(0.144031614);
  private static final FloatVector ERFC_9 = broadcast(-0.0291580297);

  private VectorMath() {}

  /**
   * {@code e^x}, within 1.5 units in the last place where it is above 1.8e-38. Gives 0 below,
   * infinity on overflow, and NaN for NaN.
   */
  public static FloatVector exp(FloatVector x) {
    FloatVector shifted = x.fma(LOG2_E, ROUND);
    FloatVector power = shifted.sub(ROUND);
    FloatVector rest = power.fma(LN2_LOW, power.fma(LN2_HIGH, x));
    FloatVector sum = EXP_7.fma(rest, EXP_6).fma(rest, EXP_5).fma(rest, EXP_4);
    sum = sum.fma(rest, EXP_3).fma(rest, EXP_2).fma(rest, EXP_0).fma(rest, EXP_0);
    IntVector exponent = shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23);
    FloatVector result = sum.mul(exponent.reinterpretAsFloats());
    result = result.blend(ZERO, x.compare(VectorOperators.LT, EXP_MIN));
    return result.blend(INFINITY, x.compare(VectorOperators.GT, EXP_MAX));
  }

  /** {@code y / (1 + e^-y)}. */
  public static FloatVector silu(FloatVector y) {
    return y.div(exp(y.neg()).add(ONE));
  }

  /** {@code 1 / (1 + e^-y)}. */
  public static FloatVector sigmoid(FloatVector y) {
    return ONE.div(exp(y.neg()).add(ONE));
  }

  /** GELU by tanh, written as {@code y / (1 + e^(-2 u))} so that nothing cancels for negative y. */
  public static FloatVector geluTanh(FloatVector y) {
    FloatVector slope = y.mul(y).fma(GELU_CUBIC, GELU_LINEAR);
    return y.div(exp(slope.mul(y)).add(ONE));
  }

  /**
   * GELU by erf, {@code max(y, 0) - |y| h} with {@code h = erfc(|y| / sqrt 2) / 2}: for negative y
   * this is the product y h alone, so nothing cancels. {@code h e^(y^2/2)} is a polynomial in
   * {@code t = 1 / (1 + 0.35 |y|)} fitted for the smallest relative error (5e-8) on 0 to 14.
   */
  public static FloatVector geluErf(FloatVector y) {
    FloatVector size = y.abs();
    FloatVector t = ONE.div(size.fma(ERFC_SLOPE, ONE));
    FloatVector sum = ERFC_9.fma(t, ERFC_8).fma(t, ERFC_7).fma(t, ERFC_6).fma(t, ERFC_5);
    sum = sum.fma(t, ERFC_4).fma(t, ERFC_3).fma(t, ERFC_2).fma(t, ERFC_1);
    FloatVector h = sum.mul(t).mul(exp(y.mul(y).mul(MINUS_HALF)));
    return y.max(ZERO).sub(size.mul(h));
  }

  private static FloatVector broadcast(double value) {
    return FloatVector.broadcast(SimdTile.SPECIES, (float) value);
  }
}
