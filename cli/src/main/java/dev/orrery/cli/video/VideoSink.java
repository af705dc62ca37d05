package dev.orrery.cli.video;

import dev.orrery.model.session.VideoFrames;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * Takes video frames and makes a video of them. The video appears under its name all at once, when
 * {@link #finish} is called; until then everything lies under a temporary name beside it, and
 * {@link #close} without {@link #finish} leaves nothing behind.
 *
 * <p>All methods may be called from several threads, so that a shutdown hook can close a sink that
 * is being written to.
 */
public interface VideoSink extends Closeable {
  /**
   * Opens a sink for the kind of video that the name asks for: {@code .mp4}, {@code .gif}, or a
   * folder of PNG files if the name has no ending.
   *
   * @param target where the video shall appear; an existing file is replaced, an existing folder
   *     must be empty
   * @throws IOException if the kind is unknown or the place cannot be written to; the message is
   *     one line for the user
   */
  static VideoSink open(Path target, VideoFormat format) throws IOException {
    String name = target.getFileName() == null ? "" : target.getFileName().toString();
    String lower = name.toLowerCase(Locale.ROOT);
    if (lower.endsWith(".mp4")) {
      return new Mp4Sink(target, format);
    }
    if (lower.endsWith(".gif")) {
      return new GifSink(target, format);
    }
    if (!name.contains(".") || Files.isDirectory(target)) {
      return new PngFolderSink(target, format);
    }
    throw new IOException(
        target + ": unknown kind of video; end the name in .mp4 or .gif, or name a folder");
  }

  /**
   * Appends frames.
   *
   * @throws IOException if they cannot be written, or the sink was closed
   */
  void write(VideoFrames frames) throws IOException;

  /** Completes the video and moves it into its place. */
  void finish() throws IOException;

  /** Deletes what was written unless {@link #finish} was called. Calling it again does nothing. */
  @Override
  void close();
}
