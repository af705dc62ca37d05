package dev.orrery.runtime.media;

/**
 * An 8-bit picture.
 *
 * @param width columns
 * @param height rows
 * @param rgb {@code [height, width, 3]} bytes, red first
 */
public record RgbImage(int width, int height, byte[] rgb) {
  public RgbImage {
    if (width < 1 || height < 1 || rgb.length != 3L * width * height) {
      throw new IllegalArgumentException(
          "expected 3 bytes for each of " + width + "x" + height + " pixels, found " + rgb.length + " bytes");
    }
  }
}
