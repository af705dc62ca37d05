package dev.orrery.weights.hub;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/** A failure of a server that may be gone at the next try. */
final class TransientFailure extends IOException {
  private static final long serialVersionUID = 1L;

  private final transient Optional<Duration> retryAfter;

  TransientFailure(String message) {
    this(message, Optional.empty());
  }

  /**
   * @param retryAfter how long the server wants to be left alone, if it says
   */
  TransientFailure(String message, Optional<Duration> retryAfter) {
    super(message);
    this.retryAfter = retryAfter;
  }

  Optional<Duration> retryAfter() {
    return retryAfter;
  }
}
