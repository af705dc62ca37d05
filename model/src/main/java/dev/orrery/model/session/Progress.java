package dev.orrery.model.session;

/** Told about long work while it goes on. Called on the thread that does the work. */
@FunctionalInterface
public interface Progress {
  /** Tells nobody. */
  Progress NONE = (stage, done, total) -> {};

  /**
   * A part of some work is done.
   *
   * @param stage what is being done, as a user would say it: {@code "encoding the image"}
   * @param done parts done
   * @param total parts in all
   */
  void report(String stage, int done, int total);
}
