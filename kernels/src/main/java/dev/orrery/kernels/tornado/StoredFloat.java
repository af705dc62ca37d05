package dev.orrery.kernels.tornado;

import dev.orrery.kernels.tensor.DType;

/**
 * 16-bit floats as kernels read them: by arithmetic on their bits, since TornadoVM compiles neither
 * casts of bits nor half-precision types on every device. Every finite value is exact.
 */
public final class StoredFloat {
  /** The format of weights that are fp32 and not read through this class. */
  public static final int FP32 = 0;

  private static final int BF16 = 1;
  private static final int FP16 = 2;

  private StoredFloat() {}

  /** The number that kernels know a dtype by. */
  static int format(DType dtype) {
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
