package dev.orrery.weights.hub;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A lock on a file, so that one of several processes downloads it and the others wait. It ends with
 * the process. The file stays: one that was deleted could be locked by two.
 *
 * <p>The Python library locks the same files by another means of the operating system, which does
 * not see these locks; it writes to other partial files, so the two only do the work twice.
 */
final class DownloadLock implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(200);

  /**
   * The locks of this process. Locks on files hold between processes only, and closing any channel
   * of a file may give up all locks of the process on it.
   */
  private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

  private final Path path;
  private final FileChannel channel;

  private DownloadLock(Path path, FileChannel channel) {
    this.path = path;
    this.channel = channel;
  }

  /** Waits until nobody else has the lock. */
  static DownloadLock acquire(Path path, Timing.Clock clock)
      throws HubException, InterruptedException {
    Path key = path.toAbsolutePath().normalize();
    while (!HELD.add(key)) {
      clock.pause(POLL);
    }
    FileChannel channel = null;
    try {
      Files.createDirectories(key.getParent());
      channel = FileChannel.open(key, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      while (channel.tryLock() == null) {
        clock.pause(POLL);
      }
      return new DownloadLock(key, channel);
    } catch (IOException e) {
      release(key, channel);
      throw new HubException(path.toString(), "cannot be locked: " + HubException.reason(e), e);
    } catch (InterruptedException e) {
      release(key, channel);
      throw e;
    }
  }

  private static void release(Path key, FileChannel channel) throws HubException {
    try {
      if (channel != null) {
        channel.close();
      }
    } catch (IOException e) {
      throw HubException.cannotWrite(key, e);
    } finally {
      HELD.remove(key);
    }
  }

  @Override
  public void close() throws HubException {
    release(path, channel);
  }
}
