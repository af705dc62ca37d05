package uk.ac.manchester.tornado.api.types.arrays;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Elements of 4 bytes, each an {@code int}. */
public final class IntArray extends TornadoNativeArray {
  public IntArray(int numberOfElements) {
    this(allocate(numberOfElements, 4));
  }

  private IntArray(MemorySegment segment) {
    super(segment, 4);
  }

  /** An array in memory that exists, header included. */
  public static IntArray fromSegmentShallow(MemorySegment segment) {
    return new IntArray(segment);
  }

  public int get(int index) {
    return elements.getAtIndex(ValueLayout.JAVA_INT, index);
  }

  public void set(int index, int value) {
    elements.setAtIndex(ValueLayout.JAVA_INT, index, value);
  }
}
