package dev.orrery.play.server;

import java.util.concurrent.CompletionException;

/** Failures as lines for people. */
final class Reasons {
  private Reasons() {}

  /** Why something failed. */
  static String of(Throwable failure) {
    Throwable cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    if (cause instanceof OutOfMemoryError) {
      return "there is not enough memory: " + cause.getMessage();
    }
    return cause.getMessage() == null ? cause.toString() : cause.getMessage();
  }
}
