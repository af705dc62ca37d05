package dev.orrery.kernels.cpu;

import static dev.orrery.kernels.cpu.SimdTile.LANES;
import static dev.orrery.kernels.cpu.SimdTile.SPECIES;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/** Sums over a row whose padding is zero, in fp32 and in one fixed order. */
public final class RowSum {
  private RowSum() {}

  /** Sum of the {@code columns} values from byte {@code at} on. */
  public static float values(MemorySegment x, long at, int columns) {
    FloatVector even = FloatVector.zero(SPECIES);
    FloatVector odd = FloatVector.zero(SPECIES);
    int i = 0;
    for (; i + LANES < columns; i += 2 * LANES) {
      even = even.add(Lanes.load(x, at + 4L * i));
      odd = odd.add(Lanes.load(x, at + 4L * (i + LANES)));
    }
    if (i < columns) {
      even = even.add(Lanes.load(x, at + 4L * i));
    }
    return Lanes.sum(even.add(odd));
  }

  /** Sum of the squares of the {@code columns} values from byte {@code at} on. */
  public static float squares(MemorySegment x, long at, int columns) {
    FloatVector even = FloatVector.zero(SPECIES);
    FloatVector odd = FloatVector.zero(SPECIES);
    int i = 0;
    for (; i + LANES < columns; i += 2 * LANES) {
      FloatVector first = Lanes.load(x, at + 4L * i);
      FloatVector second = Lanes.load(x, at + 4L * (i + LANES));
      even = first.fma(first, even);
      odd = second.fma(second, odd);
    }
    if (i < columns) {
      FloatVector last = Lanes.load(x, at + 4L * i);
      even = last.fma(last, even);
    }
    return Lanes.sum(even.add(odd));
  }
}
