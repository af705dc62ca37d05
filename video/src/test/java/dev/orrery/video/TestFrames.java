package dev.orrery.video;

import dev.orrery.model.session.VideoFrames;

/** A smooth moving pattern, the kind of image that survives every encoder. */
final class TestFrames {
  private TestFrames() {}

  static VideoFrames of(int count, int width, int height) {
    byte[] rgb = new byte[count * width * height * 3];
    int at = 0;
    for (int frame = 0; frame < count; frame++) {
      for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
          rgb[at++] = wave(x + 2 * frame, 0);
          rgb[at++] = wave(y - frame, 1);
          rgb[at++] = wave(x + y + frame, 2);
        }
      }
    }
    return new VideoFrames(count, height, width, rgb);
  }

  private static byte wave(int position, double phase) {
    return (byte) Math.round(128 + 90 * Math.sin(position / 24.0 + phase));
  }
}
