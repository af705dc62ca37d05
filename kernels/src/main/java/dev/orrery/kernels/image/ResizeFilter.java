package dev.orrery.kernels.image;

/** What a pixel weighs in a resized image, by its distance from the centre of the new pixel. */
public enum ResizeFilter {
  /** {@code max(0, 1 - |x|)}. */
  BILINEAR(1),
  /**
   * Keys' cubic of slope -1/2: with {@code a = |x|}, {@code (1.5 a - 2.5) a^2 + 1} for {@code a <
   * 1} and {@code -0.5 (((a - 5) a + 8) a - 4)} for {@code 1 <= a < 2}.
   */
  BICUBIC(2),
  /** {@code sinc(x) sinc(x / 3)} for {@code -3 <= x < 3}, {@code sinc(x) = sin(pi x) / (pi x)}. */
  LANCZOS(3);

  private final int support;

  ResizeFilter(int support) {
    this.support = support;
  }

  /** Distance from which on the weight is zero. */
  public int support() {
    return support;
  }

  /** The definition, in double precision. */
  public double weight(double x) {
    return switch (this) {
      case BILINEAR -> Math.max(0, 1 - Math.abs(x));
      case BICUBIC -> cubic(Math.abs(x));
      case LANCZOS -> -support <= x && x < support ? sinc(x) * sinc(x / support) : 0;
    };
  }

  private static double cubic(double a) {
    if (a < 1) {
      return (1.5 * a - 2.5) * a * a + 1;
    }
    return a < 2 ? (((a - 5) * a + 8) * a - 4) * -0.5 : 0;
  }

  private static double sinc(double x) {
    double angle = Math.PI * x;
    return angle == 0 ? 1 : StrictMath.sin(angle) / angle;
  }
}
