package dev.orrery.runtime.media;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.Raster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Locale;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.FileImageInputStream;
import javax.imageio.stream.ImageInputStream;

/** Turns an image file into an {@link RgbImage}. */
final class ImageDecoder {
  /** An image of this size takes 192 MB as RGB: more than any camera, less than any bomb. */
  static final long MAX_PIXELS = 64_000_000;

  private ImageDecoder() {}

  static RgbImage decode(Path file) throws UnreadableImageException {
    if (!Files.exists(file)) {
      throw new UnreadableImageException(file, "no such file", null);
    }
    if (!Files.isRegularFile(file)) {
      throw new UnreadableImageException(file, "not a file", null);
    }
    try {
      RgbImage stored = toRgb(decodeFirst(file));
      return JpegOrientation.of(file).apply(stored);
    } catch (UnreadableImageException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      // Decoders fail on broken files with all kinds of unchecked exceptions, too.
      String reason = Files.isReadable(file) ? "broken or unsupported image" : "cannot be read";
      String detail = e.getMessage() == null ? "" : " (" + firstLine(e.getMessage()) + ")";
      throw new UnreadableImageException(file, reason + detail, e);
    }
  }

  private static BufferedImage decodeFirst(Path file) throws IOException {
    try (ImageInputStream stream = new FileImageInputStream(file.toFile())) {
      Iterator<ImageReader> readers = ImageIO.getImageReaders(stream);
      if (!readers.hasNext()) {
        throw new UnreadableImageException(file, "not an image of a known format", null);
      }
      ImageReader reader = readers.next();
      try {
        reader.setInput(stream, true, true);
        checkSize(file, reader.getWidth(0), reader.getHeight(0));
        return reader.read(0);
      } finally {
        reader.dispose();
      }
    }
  }

  private static void checkSize(Path file, int width, int height) throws UnreadableImageException {
    if ((long) width * height > MAX_PIXELS) {
      throw new UnreadableImageException(
          file,
          String.format(
              Locale.ROOT,
              "%dx%d pixels, more than the %d million allowed",
              width,
              height,
              MAX_PIXELS / 1_000_000),
          null);
    }
  }

  private static RgbImage toRgb(BufferedImage image) {
    return hasPlainSamples(image) ? fromSamples(image) : fromColors(image);
  }

  /** Whether the bands of the raster are grey or red, green, blue in 8 or 16 bits. */
  private static boolean hasPlainSamples(BufferedImage image) {
    ColorModel colors = image.getColorModel();
    int type = colors.getColorSpace().getType();
    int transfer = colors.getTransferType();
    return colors instanceof ComponentColorModel
        && (type == ColorSpace.TYPE_GRAY || type == ColorSpace.TYPE_RGB)
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
        rgb[to] = toByte(row[from], alpha, maximum);
        rgb[to + 1] = toByte(row[from + green], alpha, maximum);
        rgb[to + 2] = toByte(row[from + 2 * green], alpha, maximum);
      }
    }
    return new RgbImage(width, height, rgb);
  }

  /** {@code 255 * sample/maximum * alpha/maximum}, rounded. */
  private static byte toByte(int sample, int alpha, int maximum) {
    long square = (long) maximum * maximum;
    return (byte) ((255L * sample * alpha + square / 2) / square);
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
        rgb[to] = toByte(argb >> 16 & 255, alpha, 255);
        rgb[to + 1] = toByte(argb >> 8 & 255, alpha, 255);
        rgb[to + 2] = toByte(argb & 255, alpha, 255);
      }
    }
    return new RgbImage(width, height, rgb);
  }

  private static String firstLine(String message) {
    return message.lines().findFirst().orElse("");
  }
}
