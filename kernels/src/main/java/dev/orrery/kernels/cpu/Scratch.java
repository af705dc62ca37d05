package dev.orrery.kernels.cpu;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Reused arrays and memory in which kernels pack their operands. They grow to the largest size
 * asked for and stay. Each has a key, which the class that fills it makes once and keeps to itself,
 * so that no other class can name, and overwrite, the same array:
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
  private MemorySegment[] memory = new MemorySegment[0];

  /** Names one array of floats in every scratch. */
  public static final class Floats {
    private final int index = KEYS.getAndIncrement();
  }

  /** Names one array of integers in every scratch. */
  public static final class Ints {
    private final int index = KEYS.getAndIncrement();
  }

  /** Names one piece of memory off the heap in every scratch. */
  public static final class Memory {
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

  /** The memory of a key, of at least {@code bytes} bytes and of unknown content. */
  public MemorySegment memory(Memory key, long bytes) {
    if (key.index >= memory.length) {
      memory = Arrays.copyOf(memory, key.index + 1);
    }
    if (memory[key.index] == null || memory[key.index].byteSize() < bytes) {
      memory[key.index] = Arena.ofAuto().allocate(bytes, 64);
    }
    return memory[key.index];
  }
}
