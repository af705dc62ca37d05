package uk.ac.manchester.tornado.api.types.arrays;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Elements of 4 bytes, each a {@code float}. */
public final class FloatArray extends TornadoNativeArray {
  public FloatArray(int numberOfElements) {
    this(allocate(numberOfElements, 4));
  }

  private FloatArray(MemorySegment segment) {
    super(segment, 4);
  }

  /** An array in memory that exists, header included. */
  public static FloatArray fromSegmentShallow(MemorySegment segment) {
    return new FloatArray(segment);
  }

  public float get(int index) {
    return elements.getAtIndex(ValueLayout.JAVA_FLOAT, index);
  }

  public void set(int index, float value) {
    elements.setAtIndex(ValueLayout.JAVA_FLOAT, index, value);
  }
}
