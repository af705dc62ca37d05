package dev.orrery.cli.video;

import dev.orrery.model.session.VideoFrames;
import java.util.Locale;

/**
 * What all frames of a video have in common.
 *
 * @param width columns
 * @param height rows
 * @param rate speed at which players show it
 */
public record VideoFormat(int width, int height, FrameRate rate) {
  /** Checks that there is something to show. */
  public VideoFormat {
    if (width < 1 || height < 1) {
      throw new IllegalArgumentException("expected a positive size, found " + width + "x" + height);
    }
  }

  /** Bytes of one frame. */
  int frameBytes() {
    return 3 * width * height;
  }

  void check(VideoFrames chunk) {
    if (chunk.width() != width
        || chunk.height() != height
        || chunk.rgb().length != (long) chunk.count() * frameBytes()) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "expected frames of %dx%d, found %d of %dx%d in %d bytes",
              width,
              height,
              chunk.count(),
              chunk.width(),
              chunk.height(),
              chunk.rgb().length));
    }
  }
}
