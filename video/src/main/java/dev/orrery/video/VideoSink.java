package dev.orrery.video;

import dev.orrery.model.session.VideoFrames;
import dev.orrery.runtime.files.PendingOutput;
import dev.orrery.video.UnusableVideoException.Problem;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * Takes video frames and makes a video of them: H.264 in an MP4, a GIF that repeats for ever, or a
 * folder of PNG files, {@code frame-000000.png} and on. Equal frames give equal bytes.
 *
 * {@snippet :
 * FrameRate rate = FrameRate.of(model.framesPerSecond());
 * VideoFormat format = new VideoFormat(model.width(), model.height(), rate);
 * try (VideoSink sink = VideoSink.open(Path.of("walk.mp4"), format)) {
 *   session.rollout(actions, 100, Progress.NONE, sink::write);
 *   sink.finish();
 * }
 * }
 *
 * <p>The video appears under its name all at once, when {@link #finish} is called; until then
 * everything lies under a temporary name beside it, or within the empty folder that is there, and
 * {@link #close} without {@link #finish} leaves nothing behind. Memory does not grow with the
 * number of frames.
 *
 * <p>All methods may be called from several threads, and take turns, so that a shutdown hook can
 * close a sink that is being written to.
 */
public interface VideoSink extends Closeable {
  /** Kinds of video, by the ending of the name. */
  enum Kind {
    /** H.264 of at least 16x16 and at most 9,437,184 pixels; sides that are odd become even. */
    MP4,
    /** A palette of 256 colours for each frame; at most 50 frames per second. */
    GIF,
    /** Every frame exactly, and no speed. */
    PNG_FOLDER;

    /**
     * The kind that a name asks for: {@code .mp4}, {@code .gif}, or a folder of PNG files if it has
     * no ending.
     *
     * @throws UnusableVideoException if there is no such kind
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
      throw new UnusableVideoException(
          Problem.UNKNOWN_KIND,
          String.format(
              Locale.ROOT,
              "\"%s\": unknown kind of video; end the name in .mp4 or .gif, or name a folder",
              target));
    }
  }

  /**
   * Requires that a video can be written, before the work begins that it will show. Nothing is
   * made.
   *
   * @param target as {@link #open}
   * @throws UnusableVideoException if the name asks for no known kind
   * @throws IOException with one line for the user, if the target is a folder where a file is asked
   *     for, a file or a folder that is not empty where a folder is, or lies in no folder
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
   * Looks at no file.
   *
   * @param target as {@link #open}
   * @throws UnusableVideoException if the name asks for no known kind, or its kind has no such
   *     sizes or speeds
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
   * @param format of all frames
   * @throws UnusableVideoException as {@link #check(Path, VideoFormat)}
   * @throws IOException as {@link #check(Path)}, and if the place cannot be written to or the
   *     encoder cannot be loaded; the message is one line for the user, and nothing is left
   */
  static VideoSink open(Path target, VideoFormat format) throws IOException {
    return switch (Kind.of(target)) {
      case MP4 -> new Mp4Sink(target, format);
      case GIF -> new GifSink(target, format);
      case PNG_FOLDER -> new PngFolderSink(target, format);
    };
  }

  /**
   * Appends frames, of which nothing is kept when this returns.
   *
   * @param chunk any number of frames in the format of the sink
   * @throws IllegalArgumentException if they have another size, found before any is written
   * @throws IOException with one line for the user, if they cannot be written, or the sink was
   *     closed or finished. After a failed write only {@link #close} is of use
   */
  void write(VideoFrames chunk) throws IOException;

  /**
   * Completes the video and moves it into its place. Nothing can be written after that.
   *
   * @throws IOException with one line for the user, if the end cannot be written or the place was
   *     taken meanwhile; then {@link #close} still deletes what was written
   */
  void finish() throws IOException;

  /** Deletes what was written unless {@link #finish} was called. Calling it again does nothing. */
  @Override
  void close();
}
