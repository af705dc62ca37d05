package dev.orrery.runtime.random;

/**
 * Philox4x32-10: a bijection of 128-bit counters, chosen by a 64-bit key, whose values pass as
 * random. There is no state to advance: the numbers at any position are computed from the position.
 *
 * <p>Source: J. Salmon, M. Moraes, R. Dror, D. Shaw, "Parallel Random Numbers: As Easy as 1, 2, 3",
 * SC 2011, section 3.3 and table 2.
 */
public final class Philox {
  private static final int ROUNDS = 10;

  /**
   * Multipliers and key increments of the paper; the increments are the golden ratio and the square
   * root of 3.
   */
  private static final int MULTIPLIER_0 = 0xD2511F53;

  private static final int MULTIPLIER_1 = 0xCD9E8D57;
  private static final int KEY_STEP_0 = 0x9E3779B9;
  private static final int KEY_STEP_1 = 0xBB67AE85;

  private Philox() {}

  /**
   * The four random words of one counter.
   *
   * @param key words 0 (low half) and 1 of the key
   * @param counterLow words 0 and 1 of the counter
   * @param counterHigh words 2 and 3 of the counter
   * @param out gets four words
   */
  public static void words(long key, long counterLow, long counterHigh, int[] out) {
    int c0 = (int) counterLow;
    int c1 = (int) (counterLow >>> 32);
    int c2 = (int) counterHigh;
    int c3 = (int) (counterHigh >>> 32);
    int k0 = (int) key;
    int k1 = (int) (key >>> 32);
    for (int round = 0; round < ROUNDS; round++) {
      long product0 = Integer.toUnsignedLong(MULTIPLIER_0) * Integer.toUnsignedLong(c0);
      long product1 = Integer.toUnsignedLong(MULTIPLIER_1) * Integer.toUnsignedLong(c2);
      c0 = (int) (product1 >>> 32) ^ c1 ^ k0;
      c1 = (int) product1;
      c2 = (int) (product0 >>> 32) ^ c3 ^ k1;
      c3 = (int) product0;
      k0 += KEY_STEP_0;
      k1 += KEY_STEP_1;
    }
    out[0] = c0;
    out[1] = c1;
    out[2] = c2;
    out[3] = c3;
  }
}
