package dev.orrery.cli;

import dev.orrery.cli.command.UnusableInputException;
import dev.orrery.video.Scaling;
import dev.orrery.video.UnusableVideoException;
import dev.orrery.video.VideoFormat;
import dev.orrery.video.VideoSink;
import java.nio.file.Path;

/**
 * The video that {@code --output} and {@code --scale} ask for.
 *
 * @param target where it shall appear
 * @param scaling from the model's frames to its own
 */
record OutputVideo(Path target, Scaling scaling) {
  /**
   * The format of the video.
   *
   * @param own format of the model's frames
   * @throws UnusableInputException if there is no such video; the message says which option helps
   */
  VideoFormat format(VideoFormat own) {
    VideoFormat format = scaled(own);
    try {
      VideoSink.check(target, format);
    } catch (UnusableVideoException e) {
      String more =
          switch (e.problem()) {
            case TOO_SMALL -> ", or enlarge it with --scale";
            case TOO_LARGE -> ", or take a smaller --scale";
            case TOO_FAST, UNKNOWN_KIND -> "";
          };
      throw new UnusableInputException(e.getMessage() + more, e);
    }
    return format;
  }

  private VideoFormat scaled(VideoFormat own) {
    try {
      return scaling.of(own);
    } catch (UnusableVideoException e) {
      throw new UnusableInputException("--scale: " + e.getMessage(), e);
    }
  }
}
