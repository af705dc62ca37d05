package dev.orrery.weights.hub;

import java.time.Duration;

/**
 * How long a server may be silent.
 *
 * @param connect until the connection stands
 * @param response from the request to the status
 * @param data between two pieces of a body
 */
record Timeouts(Duration connect, Duration response, Duration data) {
  /** Generous for a busy server, short enough that a dead connection is not mistaken for one. */
  static final Timeouts DEFAULT =
      new Timeouts(Duration.ofSeconds(15), Duration.ofSeconds(30), Duration.ofSeconds(60));
}
