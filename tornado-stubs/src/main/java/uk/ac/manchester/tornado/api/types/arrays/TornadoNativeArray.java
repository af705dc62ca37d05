package uk.ac.manchester.tornado.api.types.arrays;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** An array outside the heap: a header, then the elements. */
public abstract sealed class TornadoNativeArray
    permits ByteArray, FloatArray, IntArray, ShortArray {
  /**
   * Bytes before the first element. Not a constant for the compiler, which would write the stub's
   * number into its users: TornadoVM's depends on the Java it runs in.
   */
  public static final long ARRAY_HEADER = Long.getLong("tornado.panama.objectHeader", 16);

  private static final int MOST_ATTEMPTS = 20;

  /** The elements, behind the header. */
  final MemorySegment elements;

  private final MemorySegment all;
  private final int size;

  TornadoNativeArray(MemorySegment all, int elementSize) {
    this.all = all;
    elements = all.asSlice(ARRAY_HEADER);
    size = Math.toIntExact(elements.byteSize() / elementSize);
  }

  /**
   * Zeros. What nobody uses any more is given back by the collector, which may need longer than the
   * half second that Java waits for it where processors are busy.
   */
  static MemorySegment allocate(int size, int elementSize) {
    for (int attempt = 1; ; attempt++) {
      try {
        return Arena.ofAuto().allocate(ARRAY_HEADER + (long) size * elementSize, 16);
      } catch (OutOfMemoryError e) {
        if (attempt == MOST_ATTEMPTS) {
          throw e;
        }
        System.gc();
      }
    }
  }

  public int getSize() {
    return size;
  }

  public MemorySegment getSegment() {
    return elements;
  }

  public MemorySegment getSegmentWithHeader() {
    return all;
  }
}
