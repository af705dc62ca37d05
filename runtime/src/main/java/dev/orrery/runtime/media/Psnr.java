package dev.orrery.runtime.media;

/** Peak signal-to-noise ratio: how near one image is to another one. */
public final class Psnr {
  private Psnr() {}

  /**
   * The ratio in decibels, {@code 10 log10(255^2 / mean squared difference)}; infinite for equal
   * images.
   *
   * @param expected bytes of all channels of one image or several
   * @param actual as many
   * @throws IllegalArgumentException if the two differ in size or are empty
   */
  public static double decibels(byte[] expected, byte[] actual) {
    if (expected.length != actual.length || expected.length == 0) {
      throw new IllegalArgumentException(
          "images: expected two of one size, found "
              + expected.length
              + " and "
              + actual.length
              + " bytes");
    }
    double squares = 0;
    for (int i = 0; i < expected.length; i++) {
      int difference = (expected[i] & 0xff) - (actual[i] & 0xff);
      squares += (double) difference * difference;
    }
    return 10 * Math.log10(255.0 * 255.0 * expected.length / squares);
  }
}
