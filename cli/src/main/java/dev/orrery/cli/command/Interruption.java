package dev.orrery.cli.command;

import java.io.IOException;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;

/**
 * What happens on Ctrl-C while a result is being made: the work stops and what it has written is
 * deleted. The process then ends with the code of the signal, 130.
 */
public final class Interruption implements AutoCloseable {
  private static volatile boolean happened;

  private final Thread hook = new Thread(this::interrupt, "orrery-interruption");
  private Runnable stop;

  /** Opens something that writes. */
  @FunctionalInterface
  public interface Opening<T> {
    /** Opens it, or leaves nothing behind. */
    T open() throws IOException;
  }

  /** Watches until closed. */
  public Interruption() {
    this(() -> {});
  }

  /**
   * Watches until closed.
   *
   * @param stop stops the work and deletes; runs in a thread of its own
   */
  public Interruption(Runnable stop) {
    this.stop = stop;
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /** Names what is to be done before everything named so far. */
  public synchronized void first(Runnable action) {
    Runnable then = stop;
    stop =
        () -> {
          action.run();
          then.run();
        };
  }

  /**
   * Opens something that Ctrl-C is to end. Where it comes meanwhile, it waits: what half of an
   * opening has written nobody else can delete.
   *
   * @param end as {@link #first}
   * @throws IOException as the opening
   * @throws CancellationException if Ctrl-C came before
   */
  public synchronized <T> T open(Opening<T> opening, Consumer<T> end) throws IOException {
    if (happened) {
      throw new CancellationException("interrupted");
    }
    T opened = opening.open();
    first(() -> end.accept(opened));
    return opened;
  }

  /** Whether the process is ending because somebody asked it to. */
  public static boolean happened() {
    return happened;
  }

  private void interrupt() {
    happened = true;
    stopping().run();
  }

  private synchronized Runnable stopping() {
    return stop;
  }

  @Override
  public void close() {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The process is ending already, and the hook runs or has run.
    }
  }
}
