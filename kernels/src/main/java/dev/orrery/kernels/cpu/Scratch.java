package dev.orrery.kernels.cpu;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Reused arrays in which kernels pack their operands. They grow to the largest size asked for and
 * stay. Each array has a key, which the class that fills it makes once and keeps to itself, so that
 * no other class can name, and overwrite, the same array:
 *
 * <pre>
 *   private static final Scratch.Floats SCORES = new Scratch.Floats();
 *   float[] scores = scratch.floats(SCORES, keys);
 * </pre>
 */
public final class Scratch {
  private static final AtomicInteger KEYS = new AtomicInteger();

  private float[][] floats = new float[0][];
  private int[][] ints = new int[0][];

  /** Names one array of floats in every scratch. */
  public static final class Floats {
    private final int index = KEYS.getAndIncrement();
  }

  /** Names one array of integers in every scratch. */
  public static final class Ints {
    private final int index = KEYS.getAndIncrement();
  }

  /** The array of a key, of at least {@code length} values and of unknown content. */
  public float[] floats(Floats key, int length) {
    if (key.index >= floats.length) {
      floats = Arrays.copyOf(floats, key.index + 1);
    }
    if (floats[key.index] == null || floats[key.index].length < length) {
      floats[key.index] = new float[length];
    }
    return floats[key.index];
  }

  /** The array of a key, of at least {@code length} integers and of unknown content. */
  public int[] ints(Ints key, int length) {
    if (key.index >= ints.length) {
      ints = Arrays.copyOf(ints, key.index + 1);
    }
    if (ints[key.index] == null || ints[key.index].length < length) {
      ints[key.index] = new int[length];
    }
    return ints[key.index];
  }
}
