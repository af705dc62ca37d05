package dev.orrery.play;

import dev.orrery.model.session.VideoFrames;

/**
 * Notices that the picture has been one flat colour for two blocks: the world shows a wall, and may
 * have lost itself.
 */
final class FlatPictures {
  /** Standard deviation of a colour over the picture, of 255, below which it is flat. */
  private static final double FLAT = 6;

  private static final int BLOCKS = 2;

  private int flat;
  private int newest = -1;

  /** A block was made. */
  void made(int block, VideoFrames frames) {
    flat = deviation(frames) < FLAT ? flat + 1 : 0;
    newest = block;
  }

  /** Whether there is nothing to see. */
  boolean areFlat() {
    return flat >= BLOCKS;
  }

  /** The block before which there was something to see; -1 while there is. */
  int before() {
    return areFlat() ? newest - flat : -1;
  }

  /** The largest standard deviation of the colours of the last frame. */
  static double deviation(VideoFrames frames) {
    int pixels = frames.height() * frames.width();
    int from = (frames.count() - 1) * pixels * 3;
    double largest = 0;
    for (int channel = 0; channel < 3; channel++) {
      long sum = 0;
      long squares = 0;
      for (int i = 0; i < pixels; i++) {
        int value = frames.rgb()[from + 3 * i + channel] & 0xff;
        sum += value;
        squares += (long) value * value;
      }
      double mean = (double) sum / pixels;
      largest = Math.max(largest, squares / (double) pixels - mean * mean);
    }
    return Math.sqrt(Math.max(0, largest));
  }
}
