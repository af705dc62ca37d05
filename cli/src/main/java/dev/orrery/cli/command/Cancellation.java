package dev.orrery.cli.command;

import dev.orrery.model.session.Progress;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Ends work on Ctrl-C at its next report of progress, and waits until the work has deleted what it
 * had written. To be closed when the work is over.
 */
public final class Cancellation implements Progress, AutoCloseable {
  /** Longer than any work takes from one report to the next, a full disk included. */
  private static final int MAX_WAIT_SECONDS = 30;

  private final Progress progress;
  private final CountDownLatch over = new CountDownLatch(1);
  private final Interruption interruption = new Interruption(this::await);

  /**
   * @param progress gets every report
   */
  public Cancellation(Progress progress) {
    this.progress = progress;
  }

  @Override
  public void report(String what, int done, int total) {
    if (Interruption.happened()) {
      throw new CancellationException("interrupted");
    }
    progress.report(what, done, total);
  }

  private void await() {
    try {
      if (!over.await(MAX_WAIT_SECONDS, TimeUnit.SECONDS)) {
        System.getLogger(Cancellation.class.getName())
            .log(System.Logger.Level.WARNING, "temporary files may be left over");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    over.countDown();
    interruption.close();
  }
}
