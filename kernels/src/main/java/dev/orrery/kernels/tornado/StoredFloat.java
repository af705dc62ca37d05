package dev.orrery.kernels.tornado;

import dev.orrery.kernels.tensor.DType;

/**
 * 16-bit floats as kernels read them: by arithmetic on their bits, since TornadoVM compiles neither
 * casts of bits nor half-precision types on every device. Every finite value is exact.
 *
 * <p>{@link #widen} is for weights, which are finite. {@link #widenAny} and {@link #narrow} are for
 * all values.
 */
public final class StoredFloat {
  /** The format of weights that are fp32 and not read through this class. */
  public static final int FP32 = 0;

  private static final int BF16 = 1;
  private static final int FP16 = 2;

  private StoredFloat() {}

  /** The number that kernels know a dtype by. */
  public static int format(DType dtype) {
    return switch (dtype) {
      case F32 -> FP32;
      case BF16 -> BF16;
      case F16 -> FP16;
      default -> throw new IllegalArgumentException("no 16-bit float: " + dtype);
    };
  }

  /**
   * The value of a 16-bit float.
   *
   * @param format {@code BF16} or {@code FP16}
   */
  public static float widen(short stored, int format) {
    int bits = stored & 0xFFFF;
    int mantissaBits = format == BF16 ? 7 : 10;
    int exponentMask = format == BF16 ? 255 : 31;
    // A bf16 of exponent e and mantissa m is (128 + m) * 2^(e - 134), an fp16 (1024 + m) * 2^(e -
    // 25).
    int bias = format == BF16 ? 134 : 25;
    int one = 1 << mantissaBits;
    int mantissa = bits & (one - 1);
    int exponent = bits >> mantissaBits & exponentMask;
    int whole = exponent == 0 ? mantissa : mantissa + one;
    int power = (exponent == 0 ? 1 : exponent) - bias;
    float magnitude = scaled(whole, power);
    return bits > 0x7FFF ? -magnitude : magnitude;
  }

  /**
   * The value of a 16-bit float that may be infinite or NaN.
   *
   * @param format {@code BF16} or {@code FP16}
   * @param infinity positive infinity
   */
  public static float widenAny(short stored, int format, float infinity) {
    int bits = stored & 0xFFFF;
    int special = format == BF16 ? 0x7F80 : 0x7C00;
    int magnitude = bits & 0x7FFF;
    float value = widen(stored, format);
    if (magnitude >= special) {
      float unsigned = magnitude == special ? infinity : infinity - infinity;
      value = bits > 0x7FFF ? -unsigned : unsigned;
    }
    return value;
  }

  /**
   * The nearest 16-bit float, of two equally near ones the even one.
   *
   * @param format {@code BF16} or {@code FP16}
   */
  public static short narrow(float value, int format) {
    int mantissaBits = format == BF16 ? 7 : 10;
    int smallest = format == BF16 ? -126 : -14;
    int infinite = format == BF16 ? 0x7F80 : 0x7C00;
    float magnitude = value < 0f ? -value : value;
    // Infinity and NaN go through as zero.
    boolean finite = magnitude <= Float.MAX_VALUE;
    float counted = finite ? magnitude : 0f;
    int exponent = exponent(counted);
    exponent = exponent < smallest ? smallest : exponent;
    // In units of the last place, which a subnormal number shares with the smallest normal one.
    float units = scaled(counted, mantissaBits - exponent);
    int whole = (int) units;
    float rest = units - whole;
    boolean up = rest > 0.5f || rest == 0.5f && (whole & 1) == 1;
    // A mantissa's leading one, and one carried out of it, count up the exponent.
    int bits = (exponent - smallest << mantissaBits) + whole + (up ? 1 : 0);
    bits = bits > infinite || !finite ? infinite : bits;
    bits = value != value ? infinite + (1 << mantissaBits - 1) : bits;
    int sign = 0;
    if (value < 0f) {
      sign = 0x8000;
    }
    // Zero has a sign too, which only a quotient shows.
    float quotient = 1f / value;
    if (value == 0f && quotient < 0f) {
      sign = 0x8000;
    }
    return (short) (bits + sign);
  }

  /** The power of two that begins a positive normal number; one that is too small for others. */
  private static int exponent(float value) {
    int exponent = 0;
    float rest = value;
    for (int step = 64; step > 0; step /= 2) {
      float less = scaled(1f, -step);
      if (rest >= scaled(1f, step)) {
        rest = rest * less;
        exponent = exponent + step;
      }
      if (rest < 2f * less) {
        rest = scaled(rest, step);
        exponent = exponent - step;
      }
    }
    return exponent;
  }

  /** {@code value * 2^power}, for powers of -255 to 255 whose result is a float. */
  private static float scaled(float value, int power) {
    int steps = power < 0 ? -power : power;
    float by = power < 0 ? 0.5f : 2f;
    float scaled = value;
    scaled = (steps & 1) == 0 ? scaled : scaled * by;
    by = by * by;
    scaled = (steps & 2) == 0 ? scaled : scaled * by;
    by = by * by;
    scaled = (steps & 4) == 0 ? scaled : scaled * by;
    by = by * by;
    scaled = (steps & 8) == 0 ? scaled : scaled * by;
    by = by * by;
    scaled = (steps & 16) == 0 ? scaled : scaled * by;
    by = by * by;
    scaled = (steps & 32) == 0 ? scaled : scaled * by;
    by = by * by;
    scaled = (steps & 64) == 0 ? scaled : scaled * by;
    // 2^128 is no float: twice 2^64.
    scaled = (steps & 128) == 0 ? scaled : scaled * by * by;
    return scaled;
  }
}
