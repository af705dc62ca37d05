package dev.orrery.play.server;

/** Counts what a viewer sends, second by second. */
final class MessageRate {
  private static final long SECOND = 1_000_000_000;

  private long began;
  private int count;

  /** What to do with a message. */
  enum Verdict {
    /** To be answered. */
    FINE,
    /** The first of this second that is too many. */
    FIRST_TOO_MANY,
    /** Too many; to be ignored. */
    TOO_MANY,
    /** No person and no page sends so many. */
    FLOOD
  }

  /**
   * A message came.
   *
   * @param now as {@link System#nanoTime}
   */
  Verdict came(long now) {
    if (count == 0 || now - began >= SECOND) {
      began = now;
      count = 0;
    }
    count++;
    if (count <= Limits.MESSAGES) {
      return Verdict.FINE;
    }
    if (count > Limits.FLOOD) {
      return Verdict.FLOOD;
    }
    return count == Limits.MESSAGES + 1 ? Verdict.FIRST_TOO_MANY : Verdict.TOO_MANY;
  }
}
