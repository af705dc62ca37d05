package uk.ac.manchester.tornado.api.types.arrays;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Elements of 2 bytes, each a {@code short}. */
public final class ShortArray extends TornadoNativeArray {
  public ShortArray(int numberOfElements) {
    this(allocate(numberOfElements, 2));
  }

  private ShortArray(MemorySegment segment) {
    super(segment, 2);
  }

  /** An array in memory that exists, header included. */
  public static ShortArray fromSegmentShallow(MemorySegment segment) {
    return new ShortArray(segment);
  }

  public short get(int index) {
    return elements.getAtIndex(ValueLayout.JAVA_SHORT, index);
  }

  public void set(int index, short value) {
    elements.setAtIndex(ValueLayout.JAVA_SHORT, index, value);
  }
}
