package dev.orrery.runtime.media;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * The segments of a JPEG before its first scan.
 *
 * @param orientation how the stored rows are turned
 * @param bytes the header that the decoder is given: the tables and the frame as they are, and one
 *     segment of Adobe's in place of all that applications left, which says for certain what
 *     decoders otherwise guess, each by rules of its own
 * @param scan place of the first scan in the file
 */
record JpegHeader(Orientation orientation, byte[] bytes, long scan) {
  private static final byte[] JFIF = "JFIF\0".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] ADOBE = "Adobe".getBytes(StandardCharsets.US_ASCII);
  private static final int TRANSFORM_OF_ADOBE = 11;

  /** Bytes between two segments that are taken for padding; seen are a few. */
  private static final int MAX_PADDING = 1 << 16;

  /**
   * Progressive images have a dozen. Each goes over all pixels, and takes a few bytes if it may.
   */
  private static final int MAX_SCANS = 500;

  private static final int END_OF_IMAGE = 0xD9;
  private static final int SCAN = 0xDA;
  private static final int APP0 = 0xE0;
  private static final int APP1 = 0xE1;
  private static final int APP14 = 0xEE;
  private static final int COMMENT = 0xFE;

  /** No colour transform: the samples are red, green and blue, or inks. */
  private static final int PLAIN = 0;

  /** Luma and two colour differences. */
  private static final int YCC = 1;

  /** The first three of four samples are luma and two colour differences. */
  private static final int YCCK = 2;

  /**
   * Reads the header.
   *
   * @throws IOException if it is broken, or the image is of a kind that is not read
   */
  static JpegHeader of(FileBytes file) throws IOException {
    Segments segments = new Segments();
    long at = 2;
    while (true) {
      // Between segments there may be padding; decoders go on to the next marker.
      long limit = at + MAX_PADDING;
      while (file.unsignedByte(at) != 0xFF || isPadding(file.unsignedByte(at + 1))) {
        if (++at > limit) {
          throw new IOException("a JPEG with a broken header");
        }
      }
      int marker = file.unsignedByte(at + 1);
      if (marker == END_OF_IMAGE) {
        throw new IOException("a JPEG without an image");
      }
      if (marker == SCAN) {
        return segments.header(at);
      }
      int length = file.unsignedShort(at + 2);
      if (length < 2) {
        throw new IOException("a JPEG with a broken header");
      }
      segments.add(marker, file.read(at, 2 + length));
      at += 2 + length;
    }
  }

  /**
   * Requires that the image is not made of thousands of scans, which would be decoded for hours.
   *
   * @param file whose first scan is {@link #scan}
   * @throws UnreadVariantException if it is
   */
  void requireFewScans(FileBytes file) throws IOException {
    byte[] piece = new byte[1 << 13];
    int before = 0;
    int scans = 0;
    try (InputStream in = file.streamFrom(scan)) {
      for (int length = in.read(piece); length > 0; length = in.read(piece)) {
        for (int i = 0; i < length; i++) {
          int next = piece[i] & 0xff;
          // Among the pixels, a zero follows each 0xFF.
          if (before == 0xFF && next == SCAN && ++scans > MAX_SCANS) {
            throw new UnreadVariantException("a JPEG of more than " + MAX_SCANS + " scans");
          }
          before = next;
        }
      }
    }
  }

  /** Whether the byte after 0xFF makes no marker with a length: filling and restarts. */
  private static boolean isPadding(int code) {
    return code == 0 || code == 1 || code == 0xFF || code >= 0xD0 && code <= 0xD8;
  }

  private static boolean startsWith(ByteBuffer bytes, byte[] name) {
    return bytes.limit() >= name.length
        && bytes.slice(0, name.length).equals(ByteBuffer.wrap(name));
  }

  /** What has been met so far. */
  private static final class Segments {
    private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
    private Orientation orientation;
    private boolean jfif;
    private Integer adobeTransform;
    private byte[] componentIds;

    /**
     * Takes up a segment.
     *
     * @param segment with its marker and length
     */
    private void add(int marker, ByteBuffer segment) throws IOException {
      ByteBuffer body = segment.slice(4, segment.limit() - 4);
      if (marker == APP0) {
        jfif |= startsWith(body, JFIF);
      } else if (marker == APP1) {
        if (orientation == null && Orientation.isNamed(body)) {
          orientation = Orientation.ofSegment(body);
        }
      } else if (marker == APP14) {
        if (startsWith(body, ADOBE) && body.limit() > TRANSFORM_OF_ADOBE) {
          adobeTransform = body.get(TRANSFORM_OF_ADOBE) & 0xff;
        }
      } else if (marker < APP0 || marker > COMMENT) {
        if (isFrame(marker)) {
          takeFrame(marker, body);
        }
        byte[] bytes = new byte[segment.limit()];
        segment.get(0, bytes);
        kept.writeBytes(bytes);
      }
    }

    /** Whether a segment begins a frame; three codes of this range are tables. */
    private static boolean isFrame(int marker) {
      return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
    }

    private void takeFrame(int marker, ByteBuffer body) throws IOException {
      String kind =
          switch (marker) {
            case 0xC0, 0xC1, 0xC2 -> "";
            case 0xC3, 0xC7 -> "a lossless JPEG";
            case 0xC5, 0xC6 -> "a hierarchical JPEG";
            default -> "a JPEG with arithmetic coding";
          };
      if (!kind.isEmpty()) {
        throw new UnreadVariantException(kind);
      }
      if (body.limit() < 6 || body.limit() < 6 + 3 * (body.get(5) & 0xff)) {
        throw new IOException("a JPEG with a broken header");
      }
      if (body.get(0) != 8) {
        throw new UnreadVariantException("a JPEG with " + (body.get(0) & 0xff) + " bits a sample");
      }
      int components = body.get(5) & 0xff;
      if (components != 1 && components != 3 && components != 4) {
        throw new UnreadVariantException("a JPEG with " + components + " colour channels");
      }
      componentIds = new byte[components];
      for (int i = 0; i < components; i++) {
        componentIds[i] = body.get(6 + 3 * i);
      }
    }

    private JpegHeader header(long scan) throws IOException {
      if (componentIds == null) {
        throw new IOException("a JPEG without a frame");
      }
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      bytes.writeBytes(new byte[] {(byte) 0xFF, (byte) 0xD8, (byte) 0xFF, (byte) APP14, 0, 14});
      bytes.writeBytes(ADOBE);
      bytes.writeBytes(new byte[] {0, 100, 0, 0, 0, 0, (byte) transform()});
      kept.writeTo(bytes);
      return new JpegHeader(
          orientation == null ? Orientation.UPRIGHT : orientation, bytes.toByteArray(), scan);
    }

    /** The colour transform, by the rules of libjpeg: JFIF, then Adobe, then the names. */
    private int transform() {
      if (componentIds.length == 1) {
        return PLAIN;
      }
      if (componentIds.length == 4) {
        return adobeTransform == null || adobeTransform == PLAIN ? PLAIN : YCCK;
      }
      if (jfif) {
        return YCC;
      }
      if (adobeTransform != null) {
        return adobeTransform == PLAIN ? PLAIN : YCC;
      }
      boolean named = componentIds[0] == 'R' && componentIds[1] == 'G' && componentIds[2] == 'B';
      return named ? PLAIN : YCC;
    }
  }

  /** An image of a kind that is known and not read. */
  static final class UnreadVariantException extends IOException {
    private static final long serialVersionUID = 1;

    UnreadVariantException(String kind) {
      super(kind);
    }
  }
}
