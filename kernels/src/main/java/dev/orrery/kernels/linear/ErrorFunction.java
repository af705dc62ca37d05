package dev.orrery.kernels.linear;

/** The error function in double precision, which the JDK lacks. */
final class ErrorFunction {
  private ErrorFunction() {}

  /**
   * Complementary error function {@code 1 - erf(x)}, relative error below 1e-13.
   *
   * <p>Small arguments use the Taylor series of erf, large ones the continued fraction of erfc
   * (Abramowitz and Stegun, Handbook of Mathematical Functions, 7.1.5 and 7.1.14).
   */
  static double erfc(double x) {
    if (x < 0) {
      return 2 - erfc(-x);
    }
    if (x < 2.5) {
      double term = x;
      double sum = x;
      for (int n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
        term *= -x * x / n;
        sum += term / (2 * n + 1);
      }
      return 1 - 2 / Math.sqrt(Math.PI) * sum;
    }
    double fraction = 0;
    for (int k = 60; k >= 1; k--) {
      fraction = k / 2.0 / (x + fraction);
    }
    return Math.exp(-x * x) / Math.sqrt(Math.PI) / (x + fraction);
  }
}
