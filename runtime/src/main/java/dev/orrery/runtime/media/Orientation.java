package dev.orrery.runtime.media;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * How a camera was held, as the Exif tag 0x0112 of an image notes it: the values 1 to 8 of Exif
 * 2.32, section 4.6.4. The stored rows are turned and mirrored so that the image stands upright.
 */
record Orientation(int value) {
  static final Orientation UPRIGHT = new Orientation(1);

  private static final int TAG = 0x0112;
  private static final int SHORT = 3;
  private static final int HEADER = 8;
  private static final int ENTRY = 12;

  private static final byte[] NAME = "Exif\0\0".getBytes(StandardCharsets.US_ASCII);

  /** The orientation that a segment or chunk of Exif notes, with its name before it or without. */
  static Orientation ofSegment(ByteBuffer bytes) {
    return isNamed(bytes) ? of(bytes.slice(NAME.length, bytes.limit() - NAME.length)) : of(bytes);
  }

  /** Whether bytes begin as Exif in a JPEG does. */
  static boolean isNamed(ByteBuffer bytes) {
    return bytes.limit() >= NAME.length
        && bytes.slice(0, NAME.length).equals(ByteBuffer.wrap(NAME));
  }

  /**
   * The orientation that Exif notes.
   *
   * @param exif begins with the byte order; upright if it notes no orientation, or is not Exif: a
   *     note that cannot be read is no reason to refuse the image
   */
  private static Orientation of(ByteBuffer exif) {
    ByteBuffer tiff = exif.slice();
    if (tiff.remaining() < HEADER) {
      return UPRIGHT;
    }
    tiff.order(tiff.get(0) == 'I' ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
    int directory = tiff.getInt(4);
    if (directory < HEADER || directory > tiff.limit() - 2) {
      return UPRIGHT;
    }
    int entries = Short.toUnsignedInt(tiff.getShort(directory));
    for (int entry = 0; entry < entries; entry++) {
      int at = directory + 2 + ENTRY * entry;
      if (at > tiff.limit() - ENTRY) {
        return UPRIGHT;
      }
      if (Short.toUnsignedInt(tiff.getShort(at)) == TAG) {
        boolean isShort = tiff.getShort(at + 2) == SHORT;
        int value = Short.toUnsignedInt(tiff.getShort(at + 8));
        return isShort && value >= 1 && value <= 8 ? new Orientation(value) : UPRIGHT;
      }
    }
    return UPRIGHT;
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
}
