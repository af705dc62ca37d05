package dev.orrery.cli;

import dev.orrery.cli.video.VideoSink;
import dev.orrery.model.session.WorldSession;

/**
 * What happens on Ctrl-C while a video is made: the session stops computing and the unfinished
 * video is deleted. The process then ends with the code of the signal, 130.
 */
final class Interruption implements AutoCloseable {
  private static volatile boolean happened;

  private final Thread hook;

  /** Watches until closed. */
  Interruption(WorldSession session, VideoSink video) {
    hook =
        new Thread(
            () -> {
              happened = true;
              session.cancel();
              video.close();
            },
            "orrery-interruption");
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /** Whether the process is ending because somebody asked it to. */
  static boolean happened() {
    return happened;
  }

  @Override
  public void close() {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The process is ending already, and the hook runs or has run.
    }
  }
}
