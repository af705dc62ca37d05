package dev.orrery.runtime.media;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * What the file of an image says around its pixels, found by walking its parts from one to the
 * next. A file whose parts are not all there is refused, because decoders make what is missing
 * black or transparent.
 *
 * @param orientation how the stored rows are turned
 * @param canvas where the stored rows lie, if they are a part of the image
 */
record ImageLayout(Orientation orientation, Canvas canvas) {
  private static final int PNG_SIGNATURE = 8;
  private static final int IEND = fourBytes("IEND");
  private static final int EXIF_CHUNK = fourBytes("eXIf");

  /** More Exif than this is not searched: a JPEG cannot hold as much, and one tag is wanted. */
  static final int MAX_EXIF = 1 << 16;

  /**
   * A larger image in which the first frame of an animation lies; what is around it is transparent.
   *
   * @param width columns, 0 if the frame is the image
   * @param height rows
   * @param left column of the frame
   * @param top row of the frame
   */
  record Canvas(int width, int height, int left, int top) {
    static final Canvas NONE = new Canvas(0, 0, 0, 0);

    RgbImage place(RgbImage frame) {
      boolean whole = left == 0 && top == 0 && width == frame.width() && height == frame.height();
      return width == 0 || whole ? frame : frame.crop(-left, -top, width, height);
    }
  }

  /** Walks a file. */
  static ImageLayout of(ImageFormat format, FileBytes file) throws IOException {
    return switch (format) {
      case PNG -> ofPng(file);
      case JPEG -> new ImageLayout(JpegHeader.of(file).orientation(), Canvas.NONE);
      case GIF -> ofGif(file);
      case BMP -> new ImageLayout(Orientation.UPRIGHT, Canvas.NONE);
      case WEBP -> {
        WebpContainer container = WebpContainer.of(file);
        yield new ImageLayout(container.orientation(), container.canvas());
      }
    };
  }

  /** Walks a PNG: chunks of length, kind, bytes and checksum. */
  private static ImageLayout ofPng(FileBytes file) throws IOException {
    Orientation orientation = Orientation.UPRIGHT;
    for (long at = PNG_SIGNATURE; ; ) {
      ByteBuffer head = file.read(at, 8);
      long length = Integer.toUnsignedLong(head.getInt());
      int kind = head.getInt();
      file.require(at + 12 + length);
      // Only what ancillary chunks say may be broken; a capital marks the others.
      boolean critical = (kind & 0x2000_0000) == 0;
      if (critical && file.crc(at + 4, length + 4) != file.read(at + 8 + length, 4).getInt()) {
        throw new IOException("the checksum of a chunk is wrong");
      }
      if (kind == EXIF_CHUNK) {
        orientation = Orientation.ofSegment(file.read(at + 8, (int) Math.min(length, MAX_EXIF)));
      }
      if (kind == IEND) {
        return new ImageLayout(orientation, Canvas.NONE);
      }
      at += 12 + length;
    }
  }

  /** Walks a GIF to the end of its first frame. */
  private static ImageLayout ofGif(FileBytes file) throws IOException {
    ByteBuffer screen = file.read(6, 7);
    int width = Short.toUnsignedInt(Short.reverseBytes(screen.getShort()));
    int height = Short.toUnsignedInt(Short.reverseBytes(screen.getShort()));
    long at = 13 + gifColors(screen.get());
    for (int kind = file.unsignedByte(at); kind != 0x2C; kind = file.unsignedByte(at)) {
      if (kind != 0x21) {
        throw new IOException("no frame");
      }
      at = afterSubBlocks(file, at + 2);
    }
    ByteBuffer frame = file.read(at + 1, 9);
    int left = Short.toUnsignedInt(Short.reverseBytes(frame.getShort()));
    int top = Short.toUnsignedInt(Short.reverseBytes(frame.getShort()));
    int right = left + Short.toUnsignedInt(Short.reverseBytes(frame.getShort()));
    int bottom = top + Short.toUnsignedInt(Short.reverseBytes(frame.getShort()));
    afterSubBlocks(file, at + 10 + gifColors(frame.get()) + 1);
    // Viewers widen a screen that is too small for the frame.
    Canvas canvas = new Canvas(Math.max(width, right), Math.max(height, bottom), left, top);
    return new ImageLayout(Orientation.UPRIGHT, canvas);
  }

  /** Bytes of the table of colours that the flags of a screen or a frame announce. */
  private static int gifColors(byte flags) {
    return (flags & 0x80) == 0 ? 0 : 3 << (flags & 7) + 1;
  }

  private static long afterSubBlocks(FileBytes file, long start) throws IOException {
    long at = start;
    for (int length = file.unsignedByte(at); length != 0; length = file.unsignedByte(at)) {
      at += 1 + length;
    }
    return at + 1;
  }

  private static int fourBytes(String name) {
    return name.charAt(0) << 24 | name.charAt(1) << 16 | name.charAt(2) << 8 | name.charAt(3);
  }
}
