package dev.orrery.play.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Files that viewers can fetch for a while, and room for those that they send: a folder of the
 * server's own, which is gone when it is closed.
 */
final class Downloads implements AutoCloseable {
  /** Files at the same time; of more, the oldest go. */
  static final int MOST = 16;

  /** Beginning of the folder's name: whose it is, for one who finds it. */
  static final String PREFIX = "orrery-play-" + ProcessHandle.current().pid() + "-";

  private static final long LIFE_NANOS = 600_000_000_000L;

  private final Path folder;
  private final Deque<Offered> offered = new ArrayDeque<>();
  private int next;
  private boolean closed;

  /**
   * A file that can be fetched.
   *
   * @param id nobody can guess it
   * @param name for the one who fetches it
   * @param since when, as {@link System#nanoTime}
   */
  record Offered(String id, String name, FileKind kind, Path file, long since) {
    /** Where it is fetched. */
    String path() {
      return "/file/" + id + "/" + name;
    }
  }

  Downloads() throws IOException {
    // For nobody else to read, where the system can do that.
    folder = Files.createTempDirectory(PREFIX);
  }

  /** Where a new file may be written. */
  synchronized Path room(FileKind kind) {
    return folder.resolve(next++ + kind.ending());
  }

  /**
   * Lets a file be fetched for ten minutes.
   *
   * @param file one of those of {@link #room}
   */
  Offered offer(FileKind kind, String name, Path file) {
    Offered added = new Offered(Admission.newSecret(), name, kind, file, System.nanoTime());
    synchronized (this) {
      offered.add(added);
      if (closed) {
        remove(it -> true);
      }
      while (offered.size() > MOST) {
        delete(offered.remove().file());
      }
    }
    return added;
  }

  /** The file of a path that was offered, if it is still there. */
  synchronized Optional<Offered> find(String path) {
    return offered.stream().filter(it -> it.path().equals(path)).findFirst();
  }

  /** Deletes what was there for long enough. */
  void expire(long now) {
    remove(it -> now - it.since() > LIFE_NANOS);
  }

  private synchronized void remove(Predicate<Offered> which) {
    offered.removeIf(
        it -> {
          boolean old = which.test(it);
          if (old) {
            delete(it.file());
          }
          return old;
        });
  }

  /** Deletes a file that is not offered, if it is there. */
  static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      // Goes with the folder.
    }
  }

  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      offered.clear();
    }
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> files = Files.walk(folder)) {
      files.sorted(Comparator.reverseOrder()).forEach(Downloads::delete);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
