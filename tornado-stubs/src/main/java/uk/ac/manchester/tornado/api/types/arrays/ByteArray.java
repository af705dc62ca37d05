package uk.ac.manchester.tornado.api.types.arrays;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Elements of 1 byte, each a {@code byte}. */
public final class ByteArray extends TornadoNativeArray {
  public ByteArray(int numberOfElements) {
    this(allocate(numberOfElements, 1));
  }

  private ByteArray(MemorySegment segment) {
    super(segment, 1);
  }

  /** An array in memory that exists, header included. */
  public static ByteArray fromSegmentShallow(MemorySegment segment) {
    return new ByteArray(segment);
  }

  public byte get(int index) {
    return elements.getAtIndex(ValueLayout.JAVA_BYTE, index);
  }

  public void set(int index, byte value) {
    elements.setAtIndex(ValueLayout.JAVA_BYTE, index, value);
  }
}
