package dev.orrery.model.session;

import dev.orrery.runtime.media.RgbImage;
import java.util.Arrays;
import java.util.List;

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

  /**
   * Frames that follow each other.
   *
   * @param parts one or more, all of one size
   */
  static VideoFrames joined(List<VideoFrames> parts) {
    VideoFrames first = parts.getFirst();
    if (parts.size() == 1) {
      return first;
    }
    int count = parts.stream().mapToInt(VideoFrames::count).sum();
    byte[] rgb = new byte[Math.multiplyExact(count, first.height * first.width * 3)];
    int done = 0;
    for (VideoFrames part : parts) {
      System.arraycopy(part.rgb, 0, rgb, done, part.rgb.length);
      done += part.rgb.length;
    }
    return new VideoFrames(count, first.height, first.width, rgb);
  }
}
