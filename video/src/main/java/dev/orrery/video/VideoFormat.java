package dev.orrery.video;

import dev.orrery.model.session.VideoFrames;
import java.util.Locale;

/**
 * What all frames of a video have in common.
 *
 * @param width columns, at least 1
 * @param height rows, at least 1; a frame of 3 bytes a pixel fits an array
 * @param rate speed at which players show it
 */
public record VideoFormat(int width, int height, FrameRate rate) {
  /** As many as an array can have. */
  private static final int MAX_FRAME_BYTES = Integer.MAX_VALUE - 8;

  /** Checks that there is something to show, and that it fits an array. */
  public VideoFormat {
    if (width < 1 || height < 1) {
      throw new IllegalArgumentException("expected a positive size, found " + width + "x" + height);
    }
    if (3L * width * height > MAX_FRAME_BYTES) {
      throw new IllegalArgumentException(
          "expected a frame of at most "
              + MAX_FRAME_BYTES
              + " bytes, found "
              + width
              + "x"
              + height
              + " pixels");
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
