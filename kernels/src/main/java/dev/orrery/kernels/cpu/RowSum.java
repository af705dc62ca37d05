package dev.orrery.kernels.cpu;

import static dev.orrery.kernels.cpu.SimdTile.LANES;
import static dev.orrery.kernels.cpu.SimdTile.SPECIES;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/**
 * Sums over a row whose padding is zero, in fp32 and in one fixed order: even and odd vectors have
 * a chain each. The chains take turns in one addition, so that there is one access to tensor
 * memory, which costs C2 much.
 */
public final class RowSum {
  private RowSum() {}

  /** Sum of the {@code columns} values from byte {@code at} on. */
  public static float values(MemorySegment x, long at, int columns) {
    FloatVector recent = FloatVector.zero(SPECIES);
    FloatVector other = FloatVector.zero(SPECIES);
    for (int i = 0; i < columns; i += LANES) {
      FloatVector next = other.add(Lanes.load(x, at + 4L * i));
      other = recent;
      recent = next;
    }
    return Lanes.sum(recent.add(other));
  }

  /** Sum of the squares of the {@code columns} values from byte {@code at} on. */
  public static float squares(MemorySegment x, long at, int columns) {
    FloatVector recent = FloatVector.zero(SPECIES);
    FloatVector other = FloatVector.zero(SPECIES);
    for (int i = 0; i < columns; i += LANES) {
      FloatVector value = Lanes.load(x, at + 4L * i);
      FloatVector next = value.fma(value, other);
      other = recent;
      recent = next;
    }
    return Lanes.sum(recent.add(other));
  }
}
