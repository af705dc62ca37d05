package dev.orrery.runtime.media;

/**
 * How large an image from a stranger may be.
 *
 * @param bytes of its file
 * @param pixels of the image; the file says them before any is decoded
 */
public record ImageLimits(int bytes, long pixels) {
  /**
   * What may be sent to a program that others reach: a photograph of a phone. As red, green and
   * blue it takes 48 MB, and up to three times as much besides while it is decoded.
   */
  public static final ImageLimits UPLOAD = new ImageLimits(16 << 20, 16_000_000);

  /** More than any camera makes: an image of this size takes 192 MB of red, green and blue. */
  static final long MOST_PIXELS = 64_000_000;

  /** Checks that something may come at all, and no more than is read from files. */
  public ImageLimits {
    if (bytes < 1 || bytes == Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "bytes: expected 1 to " + (Integer.MAX_VALUE - 1) + ", found " + bytes);
    }
    if (pixels < 1 || pixels > MOST_PIXELS) {
      throw new IllegalArgumentException(
          "pixels: expected 1 to " + MOST_PIXELS + ", found " + pixels);
    }
  }
}
