package dev.orrery.kernels.tensor;

/**
 * The 8-bit float {@link DType#F8_E4M3}: a sign, four bits of exponent with bias 7, three of
 * mantissa; subnormals, two zeros, no infinities. The largest finite value is {@value #MAX}; a code
 * of seven ones is NaN.
 *
 * <p>Source: Micikevicius et al., FP8 Formats for Deep Learning, arXiv 2209.05433, table 1.
 */
public final class Float8 {
  /** The largest finite value. */
  public static final float MAX = 448;

  private static final int SIGN = 0x80;
  private static final int NAN = 0x7f;
  private static final int MAX_CODE = 0x7e;

  /** The least value that is not subnormal. */
  private static final float MIN_NORMAL = 0x1p-6f;

  private static final int FLOAT_INFINITY = 0x7f80_0000;

  /** Bits of an fp32 mantissa that E4M3 does not have. */
  private static final int DROPPED_BITS = 20;

  /** What the biases of the two exponents differ by, where a code has its exponent. */
  private static final int REBIAS = (127 - 7) << 3;

  /** Here fp32 values lie as far apart as subnormals, 2^-9, so that adding it rounds to one. */
  private static final float ROUND_SUBNORMAL = 0x1p14f;

  private static final float[] VALUES = values();

  private Float8() {}

  /** The value of a code. */
  public static float decode(byte code) {
    return VALUES[code & 0xff];
  }

  /**
   * The code nearest to a value, ties to even. Finite values beyond {@value #MAX} become that;
   * infinities, which the type does not have, and NaN become NaN. The sign stays.
   */
  public static byte encode(float value) {
    int bits = Float.floatToRawIntBits(value);
    return (byte) (bits >>> 24 & SIGN | magnitude(bits & Integer.MAX_VALUE));
  }

  /** The code of a value without sign, given by its fp32 bits. */
  private static int magnitude(int bits) {
    if (bits >= FLOAT_INFINITY) {
      return NAN;
    }
    float value = Float.intBitsToFloat(bits);
    if (value >= MAX) {
      return MAX_CODE;
    }
    if (value < MIN_NORMAL) {
      return Float.floatToRawIntBits(value + ROUND_SUBNORMAL)
          - Float.floatToRawIntBits(ROUND_SUBNORMAL);
    }
    int odd = bits >>> DROPPED_BITS & 1;
    int half = (1 << DROPPED_BITS - 1) - 1 + odd;
    return (bits + half >>> DROPPED_BITS) - REBIAS;
  }

  private static float[] values() {
    float[] values = new float[256];
    for (int code = 0; code < values.length; code++) {
      values[code] = (code & SIGN) == 0 ? value(code) : -value(code & NAN);
    }
    return values;
  }

  /** The value of a code without sign. */
  private static float value(int code) {
    if (code == NAN) {
      return Float.NaN;
    }
    int exponent = code >>> 3;
    int mantissa = code & 7;
    return exponent == 0
        ? Math.scalb((float) mantissa, -9)
        : Math.scalb((float) (8 + mantissa), exponent - 10);
  }
}
