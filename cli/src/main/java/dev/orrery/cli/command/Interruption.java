package dev.orrery.cli.command;

/**
 * What happens on Ctrl-C while a result is being made: the work stops and what it has written is
 * deleted. The process then ends with the code of the signal, 130.
 */
public final class Interruption implements AutoCloseable {
  private static volatile boolean happened;

  private volatile Runnable stop;
  private final Thread hook = new Thread(this::interrupt, "orrery-interruption");

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
  public void first(Runnable action) {
    Runnable then = stop;
    stop =
        () -> {
          action.run();
          then.run();
        };
  }

  /** Whether the process is ending because somebody asked it to. */
  public static boolean happened() {
    return happened;
  }

  private void interrupt() {
    happened = true;
    stop.run();
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
