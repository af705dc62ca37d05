package dev.orrery.model.session;

import dev.orrery.runtime.media.RgbImage;
import java.util.Arrays;

/**
 * Consecutive video frames.
 *
 * @param count frames
 * @param height rows of a frame
 * @param width columns of a frame
 * @param rgb {@code [count, height, width, 3]} bytes, red first
 */
public record VideoFrames(int count, int height, int width, byte[] rgb) {
  /**
   * One of these frames, as a copy.
   *
   * @param frame from 0
   */
  public RgbImage image(int frame) {
    if (frame < 0 || frame >= count) {
      throw new IllegalArgumentException(
          "frame: expected 0 to " + (count - 1) + ", found " + frame);
    }
    int bytes = 3 * height * width;
    return new RgbImage(width, height, Arrays.copyOfRange(rgb, frame * bytes, (frame + 1) * bytes));
  }

  /** The first frames of these. */
  public VideoFrames first(int frames) {
    if (frames < 0 || frames > count) {
      throw new IllegalArgumentException("frames: expected 0 to " + count + ", found " + frames);
    }
    return frames == count
        ? this
        : new VideoFrames(frames, height, width, Arrays.copyOf(rgb, frames * height * width * 3));
  }
}
