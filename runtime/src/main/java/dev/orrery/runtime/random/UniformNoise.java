package dev.orrery.runtime.random;

/**
 * Numbers evenly spread over (0, 1), neither end included. Element {@code i} of stream {@code
 * stream} under {@code seed} is one value forever, however the elements are split into calls.
 *
 * <p>Elements {@code 2n} and {@code 2n+1} come from the four {@link Philox} words of key {@code
 * seed} and counter {@code (n, stream)}: the upper 52 bits of words 0 and 1, and of words 2 and 3,
 * are k, and the element is {@code (k + 1/2) / 2^52}, which a double holds exactly.
 */
public final class UniformNoise {
  private static final int DROPPED_BITS = Long.SIZE - 52;
  private static final double UNIT = 0x1p-52;

  private UniformNoise() {}

  /**
   * Fills an array.
   *
   * @param seed the seed
   * @param stream which of the seed's independent sequences
   * @param firstIndex position of {@code out[0]} in the sequence
   * @param out gets the elements from {@code firstIndex} on
   * @throws IllegalArgumentException if firstIndex is negative
   */
  public static void fill(long seed, long stream, long firstIndex, double[] out) {
    if (firstIndex < 0) {
      throw new IllegalArgumentException("firstIndex: expected 0 or more, found " + firstIndex);
    }
    int[] words = new int[4];
    int i = 0;
    while (i < out.length) {
      long index = firstIndex + i;
      Philox.words(seed, index >>> 1, stream, words);
      if ((index & 1) == 0) {
        out[i++] = element(words[0], words[1]);
      }
      if (i < out.length) {
        out[i++] = element(words[2], words[3]);
      }
    }
  }

  private static double element(int low, int high) {
    long bits = ((long) high << 32 | Integer.toUnsignedLong(low)) >>> DROPPED_BITS;
    return (bits + 0.5) * UNIT;
  }
}
