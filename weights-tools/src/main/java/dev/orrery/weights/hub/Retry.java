package dev.orrery.weights.hub;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLPeerUnverifiedException;

/**
 * Decides after each failure whether a request is tried again, and waits before it is: 1, 2, 4, 8
 * and 16 seconds, or as long as the server says.
 */
final class Retry {
  static final int MAX_TRIES = 6;

  /** A server that wants a longer break gets it from the user. */
  static final Duration MAX_PAUSE = Duration.ofMinutes(5);

  private final String subject;
  private final Timing.Clock clock;
  private final DownloadProgress progress;
  private int failures;

  /**
   * @param subject what is tried, for the message of the last failure
   * @param clock waits between tries
   * @param progress receives every failure but the last
   */
  Retry(String subject, Timing.Clock clock, DownloadProgress progress) {
    this.subject = subject;
    this.clock = clock;
    this.progress = progress;
  }

  /** Failures before this count no more, because much was received since. */
  void progressed() {
    failures = 0;
  }

  /**
   * Returns when it is time for the next try.
   *
   * @throws HubException if there should be none
   */
  void after(IOException failure) throws HubException, InterruptedException {
    if (failure instanceof HubException hopeless) {
      throw hopeless;
    }
    String reason = HubException.reason(failure);
    if (failure instanceof SSLHandshakeException || failure instanceof SSLPeerUnverifiedException) {
      throw new HubException(subject, "no secure connection: " + reason, failure);
    }
    if (++failures == MAX_TRIES) {
      throw new HubException(subject, "tried " + MAX_TRIES + " times, at last: " + reason, failure);
    }
    Duration pause =
        (failure instanceof TransientFailure e ? e.retryAfter : Optional.<Duration>empty())
            .orElse(Duration.ofSeconds(1L << (failures - 1)));
    if (pause.compareTo(MAX_PAUSE) > 0) {
      throw new HubException(
          subject, reason + ": try again in " + pause.toMinutes() + " minutes", failure);
    }
    progress.retrying(HubException.printable(reason), pause);
    clock.pause(pause);
  }

  /** A failure of a server that may be gone at the next try. */
  static final class TransientFailure extends IOException {
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
  }
}
