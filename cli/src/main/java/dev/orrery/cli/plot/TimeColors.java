package dev.orrery.cli.plot;

import java.awt.Color;

/**
 * The colours of time, from indigo over green to crimson. All are dark enough for a white number
 * and clearly apart from their neighbours among a dozen.
 */
final class TimeColors {
  /** Evenly spaced over time. */
  private static final int[] ANCHORS = {
    0x4338B8, 0x1F7FD0, 0x0E9C8E, 0x4F9E2A, 0xC79212, 0xE0602A, 0xBE1E50
  };

  private TimeColors() {}

  /** The colour of one of the latent frames of a path. */
  static Color at(int frame, int frames) {
    double place = (ANCHORS.length - 1) * (double) frame / Math.max(1, frames - 1);
    int left = Math.min((int) place, ANCHORS.length - 2);
    double share = place - left;
    return new Color(channel(left, 16, share), channel(left, 8, share), channel(left, 0, share));
  }

  private static int channel(int left, int shift, double share) {
    int from = ANCHORS[left] >> shift & 0xff;
    int to = ANCHORS[left + 1] >> shift & 0xff;
    return (int) Math.round(from + share * (to - from));
  }
}
