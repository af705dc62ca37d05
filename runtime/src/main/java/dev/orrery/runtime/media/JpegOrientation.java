package dev.orrery.runtime.media;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * How a camera was held, as the Exif tag 0x0112 of a JPEG notes it: the values 1 to 8 of Exif 2.32,
 * section 4.6.4. The stored rows are turned and mirrored so that the image stands upright.
 */
record JpegOrientation(int value) {
  private static final JpegOrientation UPRIGHT = new JpegOrientation(1);
  private static final int START_OF_IMAGE = 0xFFD8;
  private static final int APP1 = 0xFFE1;
  private static final int ORIENTATION_TAG = 0x0112;
  private static final byte[] EXIF = "Exif\0\0".getBytes(StandardCharsets.US_ASCII);

  /** The orientation noted in a file; upright for everything but a JPEG that notes another one. */
  static JpegOrientation of(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      if (readShort(in) != START_OF_IMAGE) {
        return UPRIGHT;
      }
      // Exif comes first or right after APP0, long before any image data.
      for (int segment = 0; segment < 8; segment++) {
        int marker = readShort(in);
        byte[] body = in.readNBytes(Math.max(0, readShort(in) - 2));
        if (marker < 0xFFE0 || marker > 0xFFEF) {
          return UPRIGHT;
        }
        if (marker == APP1 && startsWithExif(body)) {
          return fromTiff(ByteBuffer.wrap(body, EXIF.length, body.length - EXIF.length).slice());
        }
      }
      return UPRIGHT;
    }
  }

  RgbImage apply(RgbImage stored) {
    if (value == 1) {
      return stored;
    }
    boolean turned = value >= 5;
    int width = turned ? stored.height() : stored.width();
    int height = turned ? stored.width() : stored.height();
    boolean mirrorX = value == 2 || value == 3 || value == 7 || value == 8;
    boolean mirrorY = value == 3 || value == 4 || value == 6 || value == 7;
    byte[] rgb = new byte[stored.rgb().length];
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int column = turned ? y : x;
        int row = turned ? x : y;
        int fromX = mirrorX ? stored.width() - 1 - column : column;
        int fromY = mirrorY ? stored.height() - 1 - row : row;
        int from = 3 * (fromY * stored.width() + fromX);
        System.arraycopy(stored.rgb(), from, rgb, 3 * (y * width + x), 3);
      }
    }
    return new RgbImage(width, height, rgb);
  }

  private static JpegOrientation fromTiff(ByteBuffer tiff) {
    if (tiff.remaining() < 8) {
      return UPRIGHT;
    }
    tiff.order(tiff.get(0) == 'I' ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
    int directory = tiff.getInt(4);
    if (directory < 8 || directory > tiff.limit() - 2) {
      return UPRIGHT;
    }
    int entries = Short.toUnsignedInt(tiff.getShort(directory));
    for (int entry = 0; entry < entries; entry++) {
      int at = directory + 2 + 12 * entry;
      if (at > tiff.limit() - 12) {
        return UPRIGHT;
      }
      if (Short.toUnsignedInt(tiff.getShort(at)) == ORIENTATION_TAG) {
        int value = Short.toUnsignedInt(tiff.getShort(at + 8));
        return value >= 1 && value <= 8 ? new JpegOrientation(value) : UPRIGHT;
      }
    }
    return UPRIGHT;
  }

  private static boolean startsWithExif(byte[] body) {
    return body.length >= EXIF.length
        && ByteBuffer.wrap(body, 0, EXIF.length).equals(ByteBuffer.wrap(EXIF));
  }

  /** Two bytes, high byte first; a negative number at the end of the file. */
  private static int readShort(InputStream in) throws IOException {
    int high = in.read();
    int low = in.read();
    return low < 0 ? -1 : high << 8 | low;
  }
}
