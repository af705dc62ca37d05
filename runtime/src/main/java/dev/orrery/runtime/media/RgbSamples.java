package dev.orrery.runtime.media;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.Raster;

/** Takes the samples of a decoded image as red, green and blue of 8 bits. */
final class RgbSamples {
  private RgbSamples() {}

  static RgbImage of(BufferedImage image) {
    if (!hasPlainSamples(image)) {
      return fromColors(image);
    }
    return image.getColorModel().getColorSpace().getType() == ColorSpace.TYPE_CMYK
        ? fromInks(image)
        : fromSamples(image);
  }

  /** Whether the bands of the raster are grey, red, green, blue, or inks, in 8 or 16 bits. */
  private static boolean hasPlainSamples(BufferedImage image) {
    ColorModel colors = image.getColorModel();
    int type = colors.getColorSpace().getType();
    int transfer = colors.getTransferType();
    return colors instanceof ComponentColorModel
        && (type == ColorSpace.TYPE_GRAY
            || type == ColorSpace.TYPE_RGB
            || type == ColorSpace.TYPE_CMYK)
        && (transfer == DataBuffer.TYPE_BYTE || transfer == DataBuffer.TYPE_USHORT);
  }

  /**
   * Takes the samples of the raster. {@link BufferedImage#getRGB} would apply the colour space,
   * which Java takes to be linear for grey: it would brighten every grey image.
   */
  private static RgbImage fromSamples(BufferedImage image) {
    int width = image.getWidth();
    int height = image.getHeight();
    Raster raster = image.getRaster();
    ColorModel colors = image.getColorModel();
    int bands = raster.getNumBands();
    int maximum = (1 << colors.getComponentSize(0)) - 1;
    int green = colors.getNumColorComponents() == 1 ? 0 : 1;
    boolean straightAlpha = colors.hasAlpha() && !colors.isAlphaPremultiplied();
    byte[] rgb = new byte[3 * width * height];
    int[] row = new int[width * bands];
    for (int y = 0; y < height; y++) {
      raster.getPixels(raster.getMinX(), raster.getMinY() + y, width, 1, row);
      for (int x = 0; x < width; x++) {
        int from = x * bands;
        int to = 3 * (y * width + x);
        int alpha = straightAlpha ? row[from + bands - 1] : maximum;
        rgb[to] = product(row[from], alpha, maximum);
        rgb[to + 1] = product(row[from + green], alpha, maximum);
        rgb[to + 2] = product(row[from + 2 * green], alpha, maximum);
      }
    }
    return new RgbImage(width, height, rgb);
  }

  /**
   * Cyan, magenta, yellow and black, each of which takes away a share of the light. The colour
   * space that Java has for them converts to linear light and comes out too bright.
   */
  private static RgbImage fromInks(BufferedImage image) {
    int width = image.getWidth();
    int height = image.getHeight();
    Raster raster = image.getRaster();
    byte[] rgb = new byte[3 * width * height];
    int[] row = new int[4 * width];
    for (int y = 0; y < height; y++) {
      raster.getPixels(raster.getMinX(), raster.getMinY() + y, width, 1, row);
      for (int x = 0; x < width; x++) {
        int to = 3 * (y * width + x);
        int light = 255 - row[4 * x + 3];
        for (int ink = 0; ink < 3; ink++) {
          rgb[to + ink] = product(255 - row[4 * x + ink], light, 255);
        }
      }
    }
    return new RgbImage(width, height, rgb);
  }

  /** {@code 255 * sample/maximum * share/maximum}, rounded. */
  private static byte product(int sample, int share, int maximum) {
    long square = (long) maximum * maximum;
    return (byte) ((255L * sample * share + square / 2) / square);
  }

  /** Takes the colours that the image's own colour model gives: palettes and packed pixels. */
  private static RgbImage fromColors(BufferedImage image) {
    int width = image.getWidth();
    int height = image.getHeight();
    byte[] rgb = new byte[3 * width * height];
    int[] row = new int[width];
    for (int y = 0; y < height; y++) {
      image.getRGB(0, y, width, 1, row, 0, width);
      for (int x = 0; x < width; x++) {
        int argb = row[x];
        int to = 3 * (y * width + x);
        int alpha = argb >>> 24;
        rgb[to] = product(argb >> 16 & 255, alpha, 255);
        rgb[to + 1] = product(argb >> 8 & 255, alpha, 255);
        rgb[to + 2] = product(argb & 255, alpha, 255);
      }
    }
    return new RgbImage(width, height, rgb);
  }
}
