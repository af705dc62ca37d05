package dev.orrery.cli.video;

import dev.orrery.cli.command.UnusableInputException;
import dev.orrery.model.session.VideoFrames;
import dev.orrery.runtime.files.PendingOutput;
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
  /** Kinds of video, by the ending of the name. */
  enum Kind {
    MP4,
    GIF,
    PNG_FOLDER;

    /**
     * The kind that a name asks for: {@code .mp4}, {@code .gif}, or a folder of PNG files if it has
     * no ending.
     *
     * @throws UnusableInputException if there is no such kind
     */
    public static Kind of(Path target) {
      String name = target.getFileName() == null ? "" : target.getFileName().toString();
      String lower = name.toLowerCase(Locale.ROOT);
      if (lower.endsWith(".mp4")) {
        return MP4;
      }
      if (lower.endsWith(".gif")) {
        return GIF;
      }
      if (!name.isEmpty() && (!name.contains(".") || Files.isDirectory(target))) {
        return PNG_FOLDER;
      }
      throw new UnusableInputException(
          String.format(
              Locale.ROOT,
              "\"%s\": unknown kind of video; end the name in .mp4 or .gif, or name a folder",
              target));
    }
  }

  /**
   * Requires that a video can be written, before the work begins that it will show.
   *
   * @throws IOException as {@link #open}
   */
  static void check(Path target) throws IOException {
    if (Kind.of(target) == Kind.PNG_FOLDER) {
      PendingOutput.requireFolder(target);
    } else {
      PendingOutput.requireFile(target);
    }
  }

  /**
   * Requires that a video of a format can be written, before the work begins that it will show.
   *
   * @throws UnusableInputException if its kind has no such sizes or speeds
   */
  static void check(Path target, VideoFormat format) {
    switch (Kind.of(target)) {
      case MP4 -> Mp4Sink.check(target, format);
      case GIF -> GifSink.check(target, format);
      case PNG_FOLDER -> {
        // Holds images of every size, and no speed.
      }
    }
  }

  /**
   * Opens a sink for the kind of video that the name asks for.
   *
   * @param target where the video shall appear; an existing file is replaced, an existing folder
   *     must be empty
   * @throws UnusableInputException as {@link #check(Path, VideoFormat)}
   * @throws IOException if the kind is unknown or the place cannot be written to; the message is
   *     one line for the user
   */
  static VideoSink open(Path target, VideoFormat format) throws IOException {
    return switch (Kind.of(target)) {
      case MP4 -> new Mp4Sink(target, format);
      case GIF -> new GifSink(target, format);
      case PNG_FOLDER -> new PngFolderSink(target, format);
    };
  }

  /**
   * Appends frames.
   *
   * @throws IOException if they cannot be written, or the sink was closed
   */
  void write(VideoFrames chunk) throws IOException;

  /** Completes the video and moves it into its place. */
  void finish() throws IOException;

  /** Deletes what was written unless {@link #finish} was called. Calling it again does nothing. */
  @Override
  void close();
}
