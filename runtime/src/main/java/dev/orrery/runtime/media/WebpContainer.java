package dev.orrery.runtime.media;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * The parts of a WebP file, down to the first frame.
 *
 * @param orientation how the stored rows are turned
 * @param canvas where the first frame lies
 * @param size of the first frame
 * @param frame the chunks that hold its pixels
 */
record WebpContainer(
    Orientation orientation, ImageLayout.Canvas canvas, Size size, List<Chunk> frame) {
  private static final int EXTENDED = fourBytes("VP8X");
  private static final int ANIMATION_FRAME = fourBytes("ANMF");
  private static final int EXIF = fourBytes("EXIF");
  private static final int ALPHA = fourBytes("ALPH");
  private static final int LOSSY = fourBytes("VP8 ");
  private static final int LOSSLESS = fourBytes("VP8L");
  private static final int RIFF_HEADER = 12;
  private static final int CHUNK_HEADER = 8;
  private static final int FRAME_HEADER = 16;
  private static final int EXTENDED_LENGTH = 10;
  private static final int MAX_SIDE = 0x3FFF;
  private static final byte HAS_ALPHA = 0x10;

  /**
   * A part of the file.
   *
   * @param at place of its bytes
   */
  record Chunk(int kind, long at, long length) {
    long end() {
      return at + length + (length & 1);
    }
  }

  /** Columns and rows; several parts of a file name them. */
  record Size(int width, int height) {
    private static Size ofPixels(FileBytes file, Chunk pixels) throws IOException {
      ByteBuffer head = file.read(pixels.at(), 10).order(ByteOrder.LITTLE_ENDIAN);
      if (pixels.kind() == LOSSY) {
        return new Size(head.getShort(6) & MAX_SIDE, head.getShort(8) & MAX_SIDE);
      }
      int both = head.getInt(1);
      return new Size(1 + (both & MAX_SIDE), 1 + (both >> 14 & MAX_SIDE));
    }

    private static Size at(FileBytes file, long at) throws IOException {
      return new Size(1 + threeBytes(file, at), 1 + threeBytes(file, at + 3));
    }

    private void require(Size other) throws IOException {
      if (!equals(other)) {
        throw new IOException("a WebP whose parts disagree about its size");
      }
    }
  }

  /** Walks a file. */
  static WebpContainer of(FileBytes file) throws IOException {
    Orientation orientation = Orientation.UPRIGHT;
    Chunk extended = null;
    Chunk animationFrame = null;
    List<Chunk> still = new ArrayList<>();
    for (Chunk chunk : chunks(file, RIFF_HEADER, 8 + length(file, 4))) {
      if (chunk.kind() == EXTENDED && extended == null) {
        extended = chunk;
      } else if (chunk.kind() == ANIMATION_FRAME && animationFrame == null) {
        animationFrame = chunk;
      } else if (chunk.kind() == EXIF) {
        int length = (int) Math.min(chunk.length(), ImageLayout.MAX_EXIF);
        orientation = Orientation.ofSegment(file.read(chunk.at(), length));
      } else {
        still.add(chunk);
      }
    }
    List<Chunk> frame = animationFrame == null ? still : inside(file, animationFrame);
    Chunk pixels = first(frame, LOSSY, LOSSLESS);
    Size size = Size.ofPixels(file, pixels);
    ImageLayout.Canvas canvas = ImageLayout.Canvas.NONE;
    if (animationFrame != null) {
      size.require(Size.at(file, animationFrame.at() + 6));
    }
    if (extended != null) {
      Size whole = Size.at(file, extended.at() + 4);
      if (animationFrame == null) {
        size.require(whole);
      } else {
        int left = 2 * threeBytes(file, animationFrame.at());
        int top = 2 * threeBytes(file, animationFrame.at() + 3);
        canvas = new ImageLayout.Canvas(whole.width(), whole.height(), left, top);
      }
    }
    List<Chunk> kept = new ArrayList<>();
    if (pixels.kind() == LOSSY) {
      frame.stream().filter(chunk -> chunk.kind() == ALPHA).findFirst().ifPresent(kept::add);
    }
    kept.add(pixels);
    return new WebpContainer(orientation, canvas, size, List.copyOf(kept));
  }

  /**
   * A file of nothing but the first frame: no colour profile, which the reader would apply, and no
   * chunks that it does not know.
   */
  byte[] frameFile(FileBytes file) throws IOException {
    boolean alpha = frame.size() > 1;
    long length = RIFF_HEADER + (alpha ? CHUNK_HEADER + EXTENDED_LENGTH : 0);
    for (Chunk chunk : frame) {
      length += CHUNK_HEADER + chunk.end() - chunk.at();
    }
    ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(length));
    bytes.putInt(fourBytes("RIFF"));
    bytes.putInt(Integer.reverseBytes(bytes.capacity() - 8));
    bytes.putInt(fourBytes("WEBP"));
    if (alpha) {
      bytes.putInt(EXTENDED).putInt(Integer.reverseBytes(EXTENDED_LENGTH));
      bytes.putInt(HAS_ALPHA << 24);
      putThreeBytes(bytes, size.width() - 1);
      putThreeBytes(bytes, size.height() - 1);
    }
    for (Chunk chunk : frame) {
      bytes.putInt(chunk.kind()).putInt(Integer.reverseBytes((int) chunk.length()));
      bytes.put(file.read(chunk.at(), (int) chunk.length()));
      bytes.position(bytes.position() + (int) (chunk.length() & 1));
    }
    return bytes.array();
  }

  private static List<Chunk> inside(FileBytes file, Chunk frame) throws IOException {
    return chunks(file, frame.at() + FRAME_HEADER, frame.at() + frame.length());
  }

  private static List<Chunk> chunks(FileBytes file, long start, long end) throws IOException {
    file.require(end);
    List<Chunk> chunks = new ArrayList<>();
    for (long at = start; at + CHUNK_HEADER <= end; at = chunks.getLast().end()) {
      Chunk chunk = new Chunk(file.read(at, 4).getInt(), at + CHUNK_HEADER, length(file, at + 4));
      file.require(chunk.at() + chunk.length());
      chunks.add(chunk);
    }
    return chunks;
  }

  private static Chunk first(List<Chunk> chunks, int... kinds) throws IOException {
    for (Chunk chunk : chunks) {
      for (int kind : kinds) {
        if (chunk.kind() == kind) {
          return chunk;
        }
      }
    }
    throw new IOException("a WebP without pixels");
  }

  private static long length(FileBytes file, long at) throws IOException {
    return Integer.toUnsignedLong(Integer.reverseBytes(file.read(at, 4).getInt()));
  }

  private static int threeBytes(FileBytes file, long at) throws IOException {
    ByteBuffer bytes = file.read(at, 3);
    return bytes.get(0) & 0xff | (bytes.get(1) & 0xff) << 8 | (bytes.get(2) & 0xff) << 16;
  }

  private static void putThreeBytes(ByteBuffer bytes, int value) {
    bytes.put((byte) value).put((byte) (value >> 8)).put((byte) (value >> 16));
  }

  private static int fourBytes(String name) {
    return name.charAt(0) << 24 | name.charAt(1) << 16 | name.charAt(2) << 8 | name.charAt(3);
  }
}
