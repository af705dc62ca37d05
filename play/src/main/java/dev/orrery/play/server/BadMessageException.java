package dev.orrery.play.server;

/** A message that cannot be done. The text is one line for the one who sent it. */
final class BadMessageException extends RuntimeException {
  private static final long serialVersionUID = 1;

  BadMessageException(String reason) {
    super(reason);
  }
}
