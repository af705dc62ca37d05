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
 * <p>Constants are kept as bits, in vectors of integers. As vectors of floats C2 would read them
 * again in every turn of a loop that stores to an array of floats, which might have changed them,
 * most of them across cache lines; an exponential function then takes twice as long. Broadcast
 * numbers stay in registers, too, but each costs as many nodes as three operations, and few are
 * left of C2's budget for a method ({@code NodeCountInliningCutoff}) beside an exponential function
 * and its surroundings; beyond it, vectors become objects.
 */
public final class VectorMath {
  private static final IntVector LOG2_E = bits(1 / Math.log(2));

  /**
   * ln 2 in two parts, negated; the first has 9 trailing zero bits, so that its product with an
   * exponent is exact.
   */
  private static final IntVector LN2_HIGH = bits(-0x1.62e4p-1);

  private static final IntVector LN2_LOW = bits(0x1.62e4p-1 - Math.log(2));

  /**
   * Adding 1.5 * 2^23 rounds to an integer n, which then stands in the low bits; with 126 more,
   * those are the exponent bits of 2^(n-1).
   */
  private static final IntVector ROUND = bits(0x1.8p23 + 126);

  /**
   * Below, 2^(n-1) is no normal fp32 number, and the result, under 1.8e-38, becomes 0; above,
   * infinity.
   */
  private static final IntVector EXP_MIN = bits(-86.98);

  private static final IntVector EXP_MAX = bits(88.72283);

  /**
   * Twice the Taylor series of e^x; for |x| <= ln 2 / 2 the first term left out is 5e-9 of the sum.
   */
  private static final IntVector EXP_0 = bits(2);

  private static final IntVector EXP_2 = bits(1);
  private static final IntVector EXP_3 = bits(1.0 / 3);
  private static final IntVector EXP_4 = bits(1.0 / 12);
  private static final IntVector EXP_5 = bits(1.0 / 60);
  private static final IntVector EXP_6 = bits(1.0 / 360);
  private static final IntVector EXP_7 = bits(1.0 / 2520);

  private static final IntVector ZERO = bits(0);
  private static final IntVector HALF = bits(0.5);
  private static final IntVector MINUS_HALF = bits(-0.5);
  private static final IntVector ONE = bits(1);
  private static final IntVector INFINITY = bits(Double.POSITIVE_INFINITY);

  /** {@code -2 sqrt(2 / pi)} and that times 0.044715. */
  private static final IntVector GELU_LINEAR = bits(-2 * Math.sqrt(2 / Math.PI));

  private static final IntVector GELU_CUBIC = bits(-0.044715 * 2 * Math.sqrt(2 / Math.PI));

  private static final IntVector ERFC_SLOPE = bits(0.35);

  /** The polynomial of {@link #geluErf}, own minimax fit. */
  private static final IntVector ERFC_1 = bits(0.139621302);

  private static final IntVector ERFC_2 = bits(0.139863536);
  private static final IntVector ERFC_3 = bits(0.119821183);
  private static final IntVector ERFC_4 = bits(0.105552927);
  private static final IntVector ERFC_5 = bits(-0.023213394);
  private static final IntVector ERFC_6 = bits(0.159321249);
  private static final IntVector ERFC_7 = bits(-0.255840391);
  private static final IntVector ERFC_8 = bits(0.144031614);
  private static final IntVector ERFC_9 = bits(-0.0291580297);

  private VectorMath() {}

  /**
   * {@code e^x}, within 1.5 units in the last place where it is above 1.8e-38. Gives 0 below,
   * infinity on overflow, and NaN for NaN.
   */
  public static FloatVector exp(FloatVector x) {
    FloatVector infinity = floats(INFINITY);
    return expNonPositive(x).blend(infinity, x.compare(VectorOperators.GT, floats(EXP_MAX)));
  }

  /** As {@link #exp} for x of at most 0, or NaN; cheaper, as nothing overflows. */
  public static FloatVector expNonPositive(FloatVector x) {
    FloatVector shifted = x.fma(floats(LOG2_E), floats(ROUND));
    FloatVector power = shifted.sub(floats(ROUND));
    FloatVector rest = power.fma(floats(LN2_LOW), power.fma(floats(LN2_HIGH), x));
    FloatVector sum = floats(EXP_7).fma(rest, floats(EXP_6)).fma(rest, floats(EXP_5));
    sum = sum.fma(rest, floats(EXP_4)).fma(rest, floats(EXP_3)).fma(rest, floats(EXP_2));
    sum = sum.fma(rest, floats(EXP_0)).fma(rest, floats(EXP_0));
    IntVector exponent = shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23);
    FloatVector result = sum.mul(exponent.reinterpretAsFloats());
    return result.blend(floats(ZERO), x.compare(VectorOperators.LT, floats(EXP_MIN)));
  }

  /** {@code y / (1 + e^-y)}. */
  public static FloatVector silu(FloatVector y) {
    return y.div(exp(y.neg()).add(floats(ONE)));
  }

  /** {@code 1 / (1 + e^-y)}. */
  public static FloatVector sigmoid(FloatVector y) {
    return floats(ONE).div(exp(y.neg()).add(floats(ONE)));
  }

  /** GELU by tanh, written as {@code y / (1 + e^(-2 u))} so that nothing cancels for negative y. */
  public static FloatVector geluTanh(FloatVector y) {
    FloatVector slope = y.mul(y).fma(floats(GELU_CUBIC), floats(GELU_LINEAR));
    return y.div(exp(slope.mul(y)).add(floats(ONE)));
  }

  /**
   * GELU by erf, {@code max(y, 0) - |y| h} with {@code h = erfc(|y| / sqrt 2) / 2}: for negative y
   * this is the product y h alone, so nothing cancels; the maximum is {@code (y + |y|) / 2},
   * exactly. {@code h e^(y^2/2)} is a polynomial in {@code t = 1 / (1 + 0.35 |y|)} fitted for the
   * smallest relative error (5e-8) on 0 to 14.
   */
  public static FloatVector geluErf(FloatVector y) {
    FloatVector size = y.abs();
    FloatVector t = floats(ONE).div(size.fma(floats(ERFC_SLOPE), floats(ONE)));
    FloatVector sum =
        floats(ERFC_9).fma(t, floats(ERFC_8)).fma(t, floats(ERFC_7)).fma(t, floats(ERFC_6));
    sum = sum.fma(t, floats(ERFC_5)).fma(t, floats(ERFC_4)).fma(t, floats(ERFC_3));
    sum = sum.fma(t, floats(ERFC_2)).fma(t, floats(ERFC_1));
    FloatVector h = sum.mul(t).mul(expNonPositive(y.mul(y).mul(floats(MINUS_HALF))));
    return y.add(size).mul(floats(HALF)).sub(size.mul(h));
  }

  private static IntVector bits(double value) {
    return FloatVector.broadcast(SimdTile.SPECIES, (float) value).reinterpretAsInts();
  }

  private static FloatVector floats(IntVector bits) {
    return bits.reinterpretAsFloats();
  }
}
