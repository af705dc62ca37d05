package dev.orrery.weights.hub;

import java.time.Duration;
import java.time.Instant;

/** Time, as a download sees it; tests have one that passes at once. */
interface Waiting {
  /** Real time. */
  Waiting REAL =
      new Waiting() {
        @Override
        public Instant now() {
          return Instant.now();
        }

        @Override
        public void pause(Duration duration) throws InterruptedException {
          Thread.sleep(duration);
        }
      };

  /** The time of day, for a server that names the time at which to come back. */
  Instant now();

  /** Waits. */
  void pause(Duration duration) throws InterruptedException;
}
