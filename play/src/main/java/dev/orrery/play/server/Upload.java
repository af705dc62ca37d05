package dev.orrery.play.server;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/**
 * A file that a viewer has announced, as far as it has come. An image stays in memory, which is
 * taken as it comes and not as it was announced; a session goes into a file.
 */
final class Upload implements AutoCloseable {
  private final FileKind kind;
  private final long announced;
  private final Optional<Path> file;
  private final ByteArrayOutputStream memory = new ByteArrayOutputStream();
  private FileChannel channel;
  private long come;

  private Upload(FileKind kind, long announced, Optional<Path> file) {
    this.kind = kind;
    this.announced = announced;
    this.file = file;
  }

  /** An image. */
  static Upload image(long announced) {
    return new Upload(FileKind.IMAGE, announced, Optional.empty());
  }

  /**
   * A session.
   *
   * @param file where it goes; deleted by {@link #close}
   */
  static Upload session(long announced, Path file) {
    return new Upload(FileKind.SESSION, announced, Optional.of(file));
  }

  /** What it is. */
  FileKind kind() {
    return kind;
  }

  /**
   * A part has come.
   *
   * @return whether that is no more than was announced
   * @throws IOException if there is no room for it
   */
  boolean append(ByteBuffer part) throws IOException {
    come += part.remaining();
    if (come > announced) {
      return false;
    }
    if (file.isEmpty()) {
      byte[] bytes = new byte[part.remaining()];
      part.get(bytes);
      memory.writeBytes(bytes);
      return true;
    }
    if (channel == null) {
      channel =
          FileChannel.open(file.get(), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    }
    while (part.hasRemaining()) {
      channel.write(part);
    }
    return true;
  }

  /**
   * The message is over.
   *
   * @throws BadMessageException if not all has come
   * @throws IOException if it could not be kept
   */
  void complete() throws IOException {
    if (come != announced) {
      throw new BadMessageException(
          "upload: expected " + announced + " bytes as announced, found " + come);
    }
    closeChannel();
  }

  /** The bytes of an image. */
  byte[] bytes() {
    return memory.toByteArray();
  }

  /** The file of a session. */
  Path file() {
    return file.orElseThrow();
  }

  private void closeChannel() throws IOException {
    if (channel != null) {
      channel.close();
      channel = null;
    }
  }

  /** Deletes what has come. */
  @Override
  public void close() {
    try {
      closeChannel();
    } catch (IOException e) {
      // It is deleted anyway.
    }
    file.ifPresent(Downloads::delete);
  }
}
