package dev.orrery.play.server;

/**
 * Why connections are closed. The codes are of the range for programs, after the standard's own:
 * with those, Jetty does not wait until the other side has read them.
 */
final class CloseCode {
  /** The same viewer is here again; the standard's for a normal end. */
  static final int REPLACED = 1000;

  /** As 1008: too many messages, or not those that were expected. */
  static final int POLICY = 4008;

  /** As 1009: too long. */
  static final int TOO_LARGE = 4009;

  /** As 1013: nothing is read. */
  static final int NOT_READING = 4013;

  private CloseCode() {}
}
