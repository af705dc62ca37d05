package dev.orrery.runtime.media;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.zip.CRC32;

/** Reads here and there in a file whose structure is walked. Numbers have their high byte first. */
final class FileBytes implements AutoCloseable {
  private static final int WINDOW = 1 << 13;

  /** Null where the window is all there is. */
  private final FileChannel channel;

  private final long size;
  private ByteBuffer window;
  private long windowStart;

  private FileBytes(FileChannel channel, long size, ByteBuffer window) {
    this.channel = channel;
    this.size = size;
    this.window = window;
  }

  /**
   * The bytes of a file.
   *
   * @param channel closed with the result
   */
  static FileBytes of(FileChannel channel) throws IOException {
    return new FileBytes(channel, channel.size(), ByteBuffer.allocate(0));
  }

  /** A file in memory. */
  static FileBytes of(byte[] file) {
    return new FileBytes(null, file.length, ByteBuffer.wrap(file));
  }

  /** How many there are. */
  long size() {
    return size;
  }

  /**
   * A part of the file.
   *
   * @throws CutImageException if the file ends before it
   */
  ByteBuffer read(long at, int length) throws IOException {
    require(at + length);
    if (at < windowStart || at + length > windowStart + window.limit()) {
      window = ByteBuffer.allocate((int) Math.min(Math.max(length, WINDOW), size - at));
      windowStart = at;
      while (window.hasRemaining()) {
        if (channel.read(window, at + window.position()) < 0) {
          throw new CutImageException();
        }
      }
      window.flip();
    }
    return window.slice((int) (at - windowStart), length);
  }

  int unsignedByte(long at) throws IOException {
    return read(at, 1).get() & 0xff;
  }

  int unsignedShort(long at) throws IOException {
    return Short.toUnsignedInt(read(at, 2).getShort());
  }

  /** The bytes from a place to the end of the file. */
  InputStream streamFrom(long start) {
    return new InputStream() {
      private long at = start;

      @Override
      public int read() throws IOException {
        return at == size ? -1 : unsignedByte(at++);
      }

      @Override
      public int read(byte[] to, int offset, int length) throws IOException {
        if (at == size && length > 0) {
          return -1;
        }
        int part = (int) Math.min(Math.min(length, WINDOW), size - at);
        FileBytes.this.read(at, part).get(to, offset, part);
        at += part;
        return part;
      }
    };
  }

  /** The CRC-32 of a part of the file. */
  int crc(long at, long length) throws IOException {
    CRC32 crc = new CRC32();
    for (long done = 0; done < length; ) {
      int next = (int) Math.min(WINDOW, length - done);
      crc.update(read(at + done, next));
      done += next;
    }
    return (int) crc.getValue();
  }

  /** Requires that the file is as long as its structure says. */
  void require(long length) throws CutImageException {
    if (length > size) {
      throw new CutImageException();
    }
  }

  @Override
  public void close() throws IOException {
    if (channel != null) {
      channel.close();
    }
  }

  /** The file ends before the image does. */
  static final class CutImageException extends IOException {
    private static final long serialVersionUID = 1;

    CutImageException() {
      super("the file ends before the image does");
    }
  }
}
