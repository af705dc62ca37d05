package dev.orrery.runtime.memory;

import dev.orrery.runtime.checkpoint.CheckpointException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Rows of bytes, all of one size, in a scratch file of the folder for temporary files: for what is
 * too much for memory and is seldom looked at. Rows have owners, who are counted; the place of one
 * that nobody owns is used again. Any thread may use it.
 *
 * <p>The file is made with the first row, and is gone when the last user leaves; where the system
 * lets it, it has no name from the beginning, so that not even a process that is killed leaves it.
 *
 * <p>Not through a channel, which an interruption of the thread would close for all, and not
 * mapped, because pages that were looked at once would count as memory of the process.
 */
final class ScratchRows {
  private static final int STAGING_BYTES = 1 << 18;

  private final long rowBytes;
  private final List<Integer> owners = new ArrayList<>();
  private final Deque<Integer> free = new ArrayDeque<>();
  private byte[] staging;
  private int users = 1;
  private Path path;
  private RandomAccessFile file;

  /** No rows yet, and one user. */
  ScratchRows(long rowBytes) {
    this.rowBytes = rowBytes;
  }

  /** Bytes of a row. */
  long rowBytes() {
    return rowBytes;
  }

  /**
   * Adds a row, which gets one owner.
   *
   * @return its number
   * @throws CheckpointException if the file cannot be written; nothing was added then
   */
  synchronized int add(MemorySegment row) {
    int place = free.isEmpty() ? owners.size() : free.peek();
    try {
      open();
      file.seek(place * rowBytes);
      for (long from = 0; from < rowBytes; from += staging.length) {
        int bytes = (int) Math.min(staging.length, rowBytes - from);
        MemorySegment.copy(row, ValueLayout.JAVA_BYTE, from, staging, 0, bytes);
        file.write(staging, 0, bytes);
      }
    } catch (IOException e) {
      throw CheckpointException.cannotWrite(path, e);
    }
    if (free.isEmpty()) {
      owners.add(1);
    } else {
      owners.set(free.remove(), 1);
    }
    return place;
  }

  private void open() throws IOException {
    if (file != null) {
      return;
    }
    path = Path.of(System.getProperty("java.io.tmpdir"));
    path = Files.createTempFile(path, "orrery-", ".scratch");
    try {
      file = new RandomAccessFile(path.toFile(), "rw");
      staging = new byte[STAGING_BYTES];
    } finally {
      delete();
    }
  }

  /** Takes the name away; a system that does not let that happen to open files refuses. */
  private void delete() {
    try {
      Files.deleteIfExists(path);
    } catch (IOException e) {
      if (file == null) {
        System.getLogger(ScratchRows.class.getName())
            .log(System.Logger.Level.WARNING, "cannot delete " + path, e);
      }
    }
  }

  /**
   * Reads a part of a row.
   *
   * @param from first byte
   * @param to gets as many as it has
   */
  synchronized void read(int row, long from, MemorySegment to) {
    try {
      file.seek(row * rowBytes + from);
      for (long at = 0; at < to.byteSize(); at += staging.length) {
        int bytes = (int) Math.min(staging.length, to.byteSize() - at);
        file.readFully(staging, 0, bytes);
        MemorySegment.copy(staging, 0, to, ValueLayout.JAVA_BYTE, at, bytes);
      }
    } catch (IOException e) {
      throw CheckpointException.cannotRead(path, e);
    }
  }

  /** Notes another owner of a row. */
  synchronized void retain(int row) {
    owners.set(row, owners.get(row) + 1);
  }

  /** Notes that an owner of a row has left. */
  synchronized void release(int row) {
    int left = owners.get(row) - 1;
    owners.set(row, left);
    if (left == 0) {
      free.push(row);
    }
  }

  /** Rows that the file has room for. */
  synchronized int places() {
    return owners.size();
  }

  /** Notes another user. */
  synchronized void enter() {
    users++;
  }

  /** Notes that a user has left; the last one takes the file with it. */
  synchronized void leave() {
    users--;
    if (users > 0 || file == null) {
      return;
    }
    try {
      file.close();
    } catch (IOException e) {
      throw CheckpointException.cannotWrite(path, e);
    } finally {
      file = null;
      delete();
    }
  }
}
