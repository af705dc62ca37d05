package dev.orrery.weights.hub;

import java.time.Duration;
import java.time.Instant;

/**
 * How long a server may be silent, and how time passes.
 *
 * @param connect until the connection stands
 * @param response from the request to the status
 * @param data between two pieces of a body
 * @param clock measures and waits
 */
record Timing(Duration connect, Duration response, Duration data, Clock clock) {
  /** Generous for a busy server, short enough that a dead connection is not mistaken for one. */
  static final Timing DEFAULT =
      new Timing(
          Duration.ofSeconds(15), Duration.ofSeconds(30), Duration.ofSeconds(60), new Clock());

  /** Real time; tests have one that passes at once. */
  static class Clock {
    /** The time of day, for a server that names the time at which to come back. */
    Instant now() {
      return Instant.now();
    }

    /** Waits. */
    void pause(Duration duration) throws InterruptedException {
      Thread.sleep(duration);
    }
  }
}
