package dev.orrery.play.server;

import dev.orrery.model.session.ActionInput;
import dev.orrery.model.session.VideoFrames;
import dev.orrery.model.session.WorldModel;
import dev.orrery.play.Recording;
import dev.orrery.play.SessionRecorder;
import dev.orrery.video.FrameRate;
import dev.orrery.video.Scaling;
import dev.orrery.video.VideoFormat;
import dev.orrery.video.VideoSink;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A recording that goes on, in files of the server's own. */
final class WorldRecording implements Recording, AutoCloseable {
  /**
   * Columns that the video has at least: small worlds are enlarged to those of a phone's screen.
   */
  private static final int LEAST_WIDTH = 384;

  private final Path video;
  private final Path actions;
  private final ViewerSocket asker;
  private final SessionRecorder recorder;
  private volatile String name = "orrery";

  /**
   * Begins one.
   *
   * @param asker who wanted it and gets it
   */
  WorldRecording(WorldModel model, Downloads downloads, ViewerSocket asker) throws IOException {
    this.asker = asker;
    video = downloads.room(FileKind.VIDEO);
    actions = downloads.room(FileKind.ACTIONS);
    VideoFormat own =
        new VideoFormat(model.width(), model.height(), FrameRate.of(model.framesPerSecond()));
    int factor = Math.clamp(Math.ceilDiv(LEAST_WIDTH, own.width()), 1, Scaling.MAX_FACTOR);
    Scaling scaling = new Scaling(factor, Scaling.Filter.LANCZOS);
    recorder =
        SessionRecorder.open(
            scaling.into(VideoSink.open(video, scaling.of(own)), 1), actions, model.actionSpace());
  }

  @Override
  public void block(List<ActionInput> inputs, List<VideoFrames> frames) throws IOException {
    recorder.begin(inputs);
    for (VideoFrames made : frames) {
      recorder.write(made);
    }
  }

  /**
   * The first block is about to be made.
   *
   * @param called name of its files, without their endings
   */
  void beganAt(String called) {
    name = called;
  }

  /** Of its files, without their endings. */
  String name() {
    return name;
  }

  /** Who wanted it. */
  ViewerSocket asker() {
    return asker;
  }

  /** The file of frames, when it is complete. */
  Path video() {
    return video;
  }

  /** The file of actions, when it is complete; there is none for models without actions. */
  Path actions() {
    return actions;
  }

  /**
   * Completes its files.
   *
   * @throws IOException with one line, if they cannot be written
   * @throws IllegalStateException if nothing was recorded
   */
  void finish() throws IOException {
    recorder.finish();
  }

  /** Deletes what is not complete. */
  @Override
  public void close() {
    recorder.close();
  }
}
