package dev.orrery.video;

import dev.orrery.model.session.VideoFrames;
import dev.orrery.runtime.files.PendingOutput;
import java.io.IOException;

/** Writes a video frame by frame into a {@link PendingOutput}. */
abstract class PendingSink implements VideoSink {
  private final VideoFormat format;
  private final PendingOutput output;

  /**
   * @param output where the video is being written; closed with this
   */
  PendingSink(VideoFormat format, PendingOutput output) {
    this.format = format;
    this.output = output;
  }

  /**
   * Appends one frame.
   *
   * @param rgb frames as {@code [height, width, 3]} bytes
   * @param from where this one begins
   */
  abstract void append(byte[] rgb, int from) throws IOException;

  /** Writes what comes after the last frame. */
  abstract void end() throws IOException;

  /** Frees what the encoder holds, whether the video was completed or not. */
  abstract void release();

  @Override
  public final synchronized void write(VideoFrames chunk) throws IOException {
    format.check(chunk);
    output.checkOpen();
    try {
      for (int i = 0; i < chunk.count(); i++) {
        append(chunk.rgb(), i * format.frameBytes());
      }
    } catch (IOException e) {
      throw output.explained(e);
    }
  }

  @Override
  public final synchronized void finish() throws IOException {
    output.checkOpen();
    try {
      end();
    } catch (IOException e) {
      throw output.explained(e);
    }
    output.commit();
    release();
  }

  @Override
  public final synchronized void close() {
    if (output.isOpen()) {
      release();
      output.close();
    }
  }
}
