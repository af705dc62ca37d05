package dev.orrery.kernels.cpu;

/**
 * Reused arrays in which kernels pack their operands. They grow to the largest size asked for and
 * stay.
 */
public final class Scratch {
  private float[][] slots = new float[0][];
  private int[][] intSlots = new int[0][];

  /**
   * An array of at least {@code length} values, of unknown content.
   *
   * @param slot which of a kernel's arrays; arrays of different slots are different
   */
  public float[] floats(int slot, int length) {
    if (slot >= slots.length) {
      slots = java.util.Arrays.copyOf(slots, slot + 1);
    }
    if (slots[slot] == null || slots[slot].length < length) {
      slots[slot] = new float[length];
    }
    return slots[slot];
  }

  /**
   * An array of at least {@code length} integers, of unknown content.
   *
   * @param slot which of a kernel's integer arrays; arrays of different slots are different
   */
  public int[] ints(int slot, int length) {
    if (slot >= intSlots.length) {
      intSlots = java.util.Arrays.copyOf(intSlots, slot + 1);
    }
    if (intSlots[slot] == null || intSlots[slot].length < length) {
      intSlots[slot] = new int[length];
    }
    return intSlots[slot];
  }

  /** Bytes held. */
  public long byteSize() {
    long bytes = 0;
    for (float[] slot : slots) {
      bytes += slot == null ? 0 : 4L * slot.length;
    }
    for (int[] slot : intSlots) {
      bytes += slot == null ? 0 : 4L * slot.length;
    }
    return bytes;
  }
}
