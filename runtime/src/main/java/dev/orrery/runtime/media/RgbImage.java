package dev.orrery.runtime.media;

import java.awt.image.BufferedImage;
import java.awt.image.DataBufferByte;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Objects;

/**
 * An 8-bit image.
 *
 * @param width columns
 * @param height rows
 * @param rgb {@code [height, width, 3]} bytes, red first
 */
public record RgbImage(int width, int height, byte[] rgb) {
  /** Checks that there are three bytes for each pixel. */
  public RgbImage {
    if (width < 1 || height < 1 || rgb.length != 3L * width * height) {
      throw new IllegalArgumentException(
          "expected 3 bytes for each of "
              + width
              + "x"
              + height
              + " pixels, found "
              + rgb.length
              + " bytes");
    }
  }

  /**
   * Reads an image: PNG, JPEG, GIF (first frame), BMP, and WebP (first frame) if a reader for it is
   * on the class path, such as {@code com.twelvemonkeys.imageio:imageio-webp}.
   *
   * <p>Samples are taken as stored, without applying a colour profile or gamma, as the image
   * pipelines of the models do. Grey becomes red = green = blue, palettes are looked up, inks
   * (CMYK) are multiplied by what black leaves, 16-bit samples are rounded to 8 bits, transparent
   * pixels and what lies around the first frame of an animation are black, and the orientation that
   * a camera noted as Exif in a JPEG, PNG or WebP is applied.
   *
   * @throws UnreadableImageException if the file is missing, is not an image of these formats, is
   *     broken or cut short, or has more than 64 million pixels; the message is one line for the
   *     user
   * @throws OutOfMemoryError if the image does not fit in memory; the message names it
   */
  public static RgbImage read(Path file) throws UnreadableImageException {
    return ImageDecoder.decode(Objects.requireNonNull(file, "file"));
  }

  /**
   * Reads an image that does not lie in a file, such as one that a stranger sent, see {@link
   * #read(Path)}.
   *
   * @param in read to its end, or as far as the limit; stays open
   * @param limits no more bytes are read, and no more pixels decoded
   * @throws UnreadableImageException as for a file, or if the image is larger than the limits
   * @throws IOException if {@code in} cannot be read
   * @throws OutOfMemoryError if the image does not fit in memory
   */
  public static RgbImage read(InputStream in, ImageLimits limits) throws IOException {
    return ImageDecoder.decode(
        Objects.requireNonNull(in, "in"), Objects.requireNonNull(limits, "limits"));
  }

  /**
   * A copy of an image of Java's, whose samples are taken as those of files are, see {@link
   * #read(Path)}.
   */
  public static RgbImage of(BufferedImage image) {
    return RgbSamples.of(Objects.requireNonNull(image, "image"));
  }

  /** A copy for Java's own classes, of {@link BufferedImage#TYPE_3BYTE_BGR}. */
  public BufferedImage toBufferedImage() {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_3BYTE_BGR);
    byte[] bgr = ((DataBufferByte) image.getRaster().getDataBuffer()).getData();
    for (int i = 0; i < rgb.length; i += 3) {
      bgr[i] = rgb[i + 2];
      bgr[i + 1] = rgb[i + 1];
      bgr[i + 2] = rgb[i];
    }
    return image;
  }

  /**
   * A part of this image; what lies outside of it is black.
   *
   * @param left first column of the part, may be negative
   * @param top first row of the part, may be negative
   */
  public RgbImage crop(int left, int top, int width, int height) {
    byte[] part = new byte[Math.multiplyExact(3, Math.multiplyExact(width, height))];
    int from = Math.max(left, 0);
    int pixels = Math.min(left + width, this.width) - from;
    if (pixels > 0) {
      for (int y = Math.max(top, 0); y < Math.min(top + height, this.height); y++) {
        int source = 3 * (y * this.width + from);
        int target = 3 * ((y - top) * width + from - left);
        System.arraycopy(rgb, source, part, target, 3 * pixels);
      }
    }
    return new RgbImage(width, height, part);
  }

  /** Writes a PNG; an existing file is replaced. Equal images give equal bytes. */
  public void writePng(Path file) throws IOException {
    PngEncoder.encode(this, file);
  }
}
