package dev.orrery.weights.hub;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.List;

/**
 * The part of a file that has been received, on disk, with the hash of what is in it. It takes no
 * byte more than announced. All its failures are final: a disk that is full stays full.
 *
 * <p>No {@link dev.orrery.runtime.files.PendingOutput}, which leaves nothing behind: this one has a
 * name that the next download finds, is opened where an earlier one ended, and stays when closed.
 */
final class PartialFile implements AutoCloseable {
  private static final int BUFFER_BYTES = 1 << 20;

  private final Path path;
  private final HubFile file;
  private final FileChannel channel;
  private MessageDigest digest;
  private long size;

  private PartialFile(Path path, HubFile file, FileChannel channel) {
    this.path = path;
    this.file = file;
    this.channel = channel;
  }

  /** Opens what an earlier download left, or begins. */
  static PartialFile open(Path path, HubFile file) throws HubException {
    try {
      Files.createDirectories(path.getParent());
      FileChannel channel =
          FileChannel.open(
              path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
      PartialFile partial = new PartialFile(path, file, channel);
      try {
        if (channel.size() > file.size()) {
          partial.clear();
        } else {
          partial.digest = digest(channel, file);
          partial.size = channel.position();
        }
        return partial;
      } catch (IOException e) {
        channel.close();
        throw e;
      }
    } catch (HubException e) {
      throw e;
    } catch (IOException e) {
      throw HubException.cannotWrite(path, e);
    }
  }

  /** The hash of a file on disk. */
  static Checksum checksumOf(Path path, HubFile file) throws IOException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      return file.checksum().end(digest(channel, file));
    }
  }

  private static MessageDigest digest(FileChannel channel, HubFile file) throws IOException {
    MessageDigest digest = file.checksum().begin(file.size());
    ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
    long size = channel.size();
    channel.position(0);
    while (channel.position() < size && channel.read(buffer) >= 0) {
      digest.update(buffer.flip());
      buffer.clear();
    }
    return digest;
  }

  /** Bytes received. */
  long size() {
    return size;
  }

  /** Whether all announced bytes were received. */
  boolean isFull() {
    return size == file.size();
  }

  /** Forgets what was received. */
  void clear() throws HubException {
    try {
      channel.truncate(0);
      channel.position(0);
    } catch (IOException e) {
      throw HubException.cannotWrite(path, e);
    }
    digest = file.checksum().begin(file.size());
    size = 0;
  }

  /**
   * Appends.
   *
   * @throws HubException if these are more bytes than announced, or the disk takes no more
   */
  void append(List<ByteBuffer> bytes) throws HubException {
    for (ByteBuffer buffer : bytes) {
      if (buffer.remaining() > file.size() - size) {
        discard();
        throw new HubException(
            file.path(), "expected " + file.size() + " bytes as listed, but the server sends more");
      }
      digest.update(buffer.duplicate());
      try {
        while (buffer.hasRemaining()) {
          size += channel.write(buffer);
        }
      } catch (IOException e) {
        throw HubException.cannotWrite(path, e);
      }
    }
  }

  /** The hash of what was received; afterwards it can only be cleared, moved or discarded. */
  Checksum checksum() {
    return file.checksum().end(digest);
  }

  /** Gives the complete file its name, for good: also if the power fails next. */
  void moveTo(Path target) throws HubException {
    try {
      Files.createDirectories(target.getParent());
      channel.force(true);
      channel.close();
      Files.move(path, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw HubException.cannotWrite(target, e);
    }
  }

  /** Deletes what was received, which is of no use. */
  void discard() throws HubException {
    try {
      channel.close();
      Files.deleteIfExists(path);
    } catch (IOException e) {
      throw HubException.cannotWrite(path, e);
    }
  }

  /** Keeps what was received for the next time, if anything was. */
  @Override
  public void close() throws HubException {
    try {
      boolean useless = channel.isOpen() && size == 0;
      channel.close();
      if (useless) {
        Files.deleteIfExists(path);
      }
    } catch (IOException e) {
      throw HubException.cannotWrite(path, e);
    }
  }
}
