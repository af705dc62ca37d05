package dev.orrery.weights.hub;

import java.time.Duration;

/**
 * Receives how far a download is. Called on the thread that downloads, for every piece received.
 */
@FunctionalInterface
public interface DownloadProgress {
  /** Reports to nobody. */
  DownloadProgress NONE = (file, done, total) -> {};

  /**
   * Some bytes arrived.
   *
   * @param file the file that is being received
   * @param done bytes of all files of the plan that are there
   * @param total bytes of all files of the plan
   */
  void report(HubFile file, long done, long total);

  /**
   * A request failed and will be repeated.
   *
   * @param reason what went wrong, in one line
   * @param pause how long it will be waited before
   */
  default void retrying(String reason, Duration pause) {}
}
