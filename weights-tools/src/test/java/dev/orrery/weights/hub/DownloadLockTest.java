package dev.orrery.weights.hub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DownloadLockTest {
  @TempDir Path root;

  /** Another process: takes the lock, says so, and keeps it until its input ends. */
  static final class Holder {
    private Holder() {}

    public static void main(String[] arguments) throws Exception {
      try (DownloadLock _ = DownloadLock.acquire(Path.of(arguments[0]), Timing.DEFAULT.clock())) {
        System.out.println("held");
        System.in.read();
      }
    }
  }

  /** Ends what holds the lock at the first pause. */
  private static final class Patience extends Timing.Clock {
    private final Action end;
    private int pauses;

    private interface Action {
      void run() throws IOException, InterruptedException;
    }

    Patience(Action end) {
      this.end = end;
    }

    @Override
    public Instant now() {
      return Instant.EPOCH;
    }

    @Override
    public void pause(Duration duration) throws InterruptedException {
      pauses++;
      try {
        end.run();
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  @Test
  void waitsForAnotherProcess() throws Exception {
    Path path = root.resolve("locks/a.lock");
    Process holder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Holder.class.getName(),
                path.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (var out = holder.inputReader()) {
      assertEquals("held", out.readLine());
      Patience patience =
          new Patience(
              () -> {
                assertTrue(holder.isAlive());
                holder.getOutputStream().close();
                assertEquals(0, holder.waitFor());
              });
      try (DownloadLock _ = DownloadLock.acquire(path, patience)) {
        assertEquals(1, patience.pauses);
      }
    } finally {
      holder.destroy();
    }
  }

  @Test
  void waitsForAnotherDownloadOfThisProcess() throws Exception {
    Path path = root.resolve("a.lock");
    DownloadLock held = DownloadLock.acquire(path, Timing.DEFAULT.clock());
    Patience patience = new Patience(held::close);
    DownloadLock.acquire(root.resolve("x/../a.lock"), patience).close();
    assertEquals(1, patience.pauses);
    DownloadLock.acquire(path, patience).close();
    assertEquals(1, patience.pauses, "the lock was given up");
  }

  @Test
  void canBeCancelledWhileItWaits() throws Exception {
    Path path = root.resolve("a.lock");
    try (DownloadLock _ = DownloadLock.acquire(path, Timing.DEFAULT.clock())) {
      Thread.currentThread().interrupt();
      assertThrows(
          InterruptedException.class, () -> DownloadLock.acquire(path, Timing.DEFAULT.clock()));
    }
    DownloadLock.acquire(path, new Patience(() -> {})).close();
  }

  @Test
  void saysThatItCannotLock() throws Exception {
    Files.writeString(root.resolve("file"), "");
    Path path = root.resolve("file/a.lock");
    for (int i = 0; i < 2; i++) {
      String message =
          assertThrows(HubException.class, () -> DownloadLock.acquire(path, Timing.DEFAULT.clock()))
              .getMessage();
      assertTrue(message.startsWith(path + ": cannot be locked: "), message);
    }
  }
}
