package dev.orrery.model.sampling;

import java.util.Arrays;

/** The tokens of a frame that is being made: their ids, and which of them are still masked. */
public final class MaskedTokens {
  final int[] ids;
  final boolean[] masked;

  private MaskedTokens(int[] ids, boolean[] masked) {
    this.ids = ids;
    this.masked = masked;
  }

  /** A frame of which nothing is known; its ids are 0. */
  public static MaskedTokens unknown(int count) {
    boolean[] masked = new boolean[count];
    Arrays.fill(masked, true);
    return new MaskedTokens(new int[count], masked);
  }

  /** Number of tokens. */
  public int count() {
    return ids.length;
  }

  /**
   * Whether a token is masked; if so, its id is the pick of the last step and counts for nothing.
   */
  public boolean isMasked(int token) {
    return masked[token];
  }

  /** The ids, those of masked tokens included. */
  public int[] ids() {
    return ids.clone();
  }

  /** The ids, with {@code mask} in place of those of masked tokens. */
  public int[] ids(int mask) {
    int[] out = ids.clone();
    for (int token = 0; token < out.length; token++) {
      if (masked[token]) {
        out[token] = mask;
      }
    }
    return out;
  }
}
