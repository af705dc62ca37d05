package dev.orrery.video;

/**
 * The colours of a video: brightness for each pixel, two colour differences for each square of four
 * pixels. The matrix is the one of ITU-R BT.709 (2015), tables 3.2 to 3.4, in the limited range 16
 * to 235 and 16 to 240. The last column or row is repeated where a size is odd.
 */
final class Yuv420 {
  private static final double RED = 0.2126;
  private static final double BLUE = 0.0722;
  private static final double GREEN = 1 - RED - BLUE;

  final int width;
  final int height;
  final byte[] luma;
  final byte[] blueDifference;
  final byte[] redDifference;

  /**
   * Room for images of a size, rounded up to even numbers.
   *
   * @param imageWidth columns
   * @param imageHeight rows
   */
  Yuv420(int imageWidth, int imageHeight) {
    this.width = imageWidth + (imageWidth & 1);
    this.height = imageHeight + (imageHeight & 1);
    this.luma = new byte[width * height];
    this.blueDifference = new byte[width * height / 4];
    this.redDifference = new byte[width * height / 4];
  }

  /** Converts the image whose red, green and blue bytes begin at {@code from}. */
  void convert(byte[] rgb, int from, int imageWidth, int imageHeight) {
    for (int y = 0; y < height; y += 2) {
      for (int x = 0; x < width; x += 2) {
        double blueSum = 0;
        double redSum = 0;
        for (int corner = 0; corner < 4; corner++) {
          int column = x + (corner & 1);
          int row = y + (corner >> 1);
          int pixel =
              Math.min(row, imageHeight - 1) * imageWidth + Math.min(column, imageWidth - 1);
          int at = from + 3 * pixel;
          double red = (rgb[at] & 255) / 255.0;
          double blue = (rgb[at + 2] & 255) / 255.0;
          double bright = RED * red + GREEN * ((rgb[at + 1] & 255) / 255.0) + BLUE * blue;
          luma[row * width + column] = (byte) Math.round(16 + 219 * bright);
          blueSum += (blue - bright) / (2 * (1 - BLUE));
          redSum += (red - bright) / (2 * (1 - RED));
        }
        int square = (y / 2) * (width / 2) + x / 2;
        blueDifference[square] = (byte) Math.round(128 + 224 * blueSum / 4);
        redDifference[square] = (byte) Math.round(128 + 224 * redSum / 4);
      }
    }
  }
}
