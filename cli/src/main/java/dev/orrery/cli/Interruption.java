package dev.orrery.cli;

import dev.orrery.cli.video.VideoSink;
import dev.orrery.model.session.WorldSession;

/**
 * What happens on Ctrl-C while a video is made: the session stops computing and the unfinished
 * video is deleted. The process then ends with the code of the signal, 130.
 */
final class Interruption implements AutoCloseable {
  private static volatile boolean happened;

  private final VideoSink video;
  private final Thread hook = new Thread(this::stop, "orrery-interruption");
  private volatile WorldSession session;

  /** Watches until closed. */
  Interruption(VideoSink video) {
    this.video = video;
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /** Names the session that makes the video, once there is one. */
  void cancels(WorldSession started) {
    session = started;
  }

  /** Whether the process is ending because somebody asked it to. */
  static boolean happened() {
    return happened;
  }

  private void stop() {
    happened = true;
    if (session != null) {
      session.cancel();
    }
    video.close();
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
