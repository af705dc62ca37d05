package dev.orrery.runtime.random;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Standard normal noise. Element {@code i} of stream {@code stream} under {@code seed} is one value
 * forever: the same bits on every machine, for every number of threads and however the elements are
 * split into calls.
 *
 * <p>Elements {@code 2n} and {@code 2n+1} come from the four Philox words of key {@code seed} and
 * counter {@code (n, stream)}: words 0 and 1 give {@code u} in (0, 1], words 2 and 3 give {@code v}
 * in [0, 1), both with 53 bits, and the elements are {@code sqrt(-2 ln u) cos(2 pi v)} and {@code
 * sqrt(-2 ln u) sin(2 pi v)}, computed in double with {@link StrictMath} and rounded to fp32.
 * Source: G. Box and M. Muller, "A Note on the Generation of Random Normal Deviates", 1958.
 */
public final class GaussianNoise {
  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;
  private static final double UNIT_53 = 0x1p-53;

  private GaussianNoise() {}

  /**
   * Fills an array.
   *
   * @param seed the seed
   * @param stream which of the seed's independent sequences
   * @param firstIndex position of {@code out[0]} in the sequence
   * @param out gets the elements from {@code firstIndex} on
   * @throws IllegalArgumentException if firstIndex is negative
   */
  public static void fill(long seed, long stream, long firstIndex, float[] out) {
    fill(seed, stream, firstIndex, MemorySegment.ofArray(out));
  }

  /**
   * As {@link #fill(long, long, long, float[])}, into memory.
   *
   * @param out fp32 elements
   */
  public static void fill(long seed, long stream, long firstIndex, MemorySegment out) {
    if (firstIndex < 0) {
      throw new IllegalArgumentException("firstIndex: expected 0 or more, found " + firstIndex);
    }
    int[] words = new int[4];
    long count = out.byteSize() / Float.BYTES;
    long i = 0;
    while (i < count) {
      long index = firstIndex + i;
      Philox.words(seed, index >>> 1, stream, words);
      double radius =
          StrictMath.sqrt(-2 * StrictMath.log((bits53(words[0], words[1]) + 1) * UNIT_53));
      double angle = 2 * Math.PI * (bits53(words[2], words[3]) * UNIT_53);
      if ((index & 1) == 0) {
        out.set(FLOAT, i++ * Float.BYTES, (float) (radius * StrictMath.cos(angle)));
      }
      if (i < count) {
        out.set(FLOAT, i++ * Float.BYTES, (float) (radius * StrictMath.sin(angle)));
      }
    }
  }

  private static long bits53(int low, int high) {
    return ((long) high << 32 | Integer.toUnsignedLong(low)) >>> 11;
  }
}
