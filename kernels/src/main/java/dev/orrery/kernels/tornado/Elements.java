package dev.orrery.kernels.tornado;

import dev.orrery.kernels.tensor.DType;
import java.lang.foreign.MemorySegment;
import uk.ac.manchester.tornado.api.types.arrays.ByteArray;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.ShortArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/** What an array of a device consists of; memory of one kind cannot be looked at as another. */
enum Elements {
  /** Of 4 bytes: fp32. */
  FLOATS(4),
  /** Of 4 bytes: int32. A copy as floats might make zero of small numbers. */
  INTS(4),
  /** Of 2 bytes: fp16 and bf16. */
  SHORTS(2),
  /** Of 1 byte: int8 and whatever else is small. */
  BYTES(1);

  private final int byteSize;

  Elements(int byteSize) {
    this.byteSize = byteSize;
  }

  /**
   * The elements that a dtype is kept in.
   *
   * @throws IllegalArgumentException if slabs hold no such dtype
   */
  static Elements of(DType dtype) {
    return switch (dtype) {
      case F32 -> FLOATS;
      case I32 -> INTS;
      case F16, BF16 -> SHORTS;
      // Values in fp8 may lie here, so that it is the missing kernel that is named.
      case I8, U8, F8_E4M3 -> BYTES;
      default ->
          throw new IllegalArgumentException(
              "TornadoVM: expected F32, F16, BF16, F8_E4M3, I8, I32 or U8, found " + dtype);
    };
  }

  /** Bytes of one element. */
  int byteSize() {
    return byteSize;
  }

  /** An array with memory of its own. */
  TornadoNativeArray newArray(int count) {
    return switch (this) {
      case FLOATS -> new FloatArray(count);
      case INTS -> new IntArray(count);
      case SHORTS -> new ShortArray(count);
      case BYTES -> new ByteArray(count);
    };
  }

  /** An array in memory that exists, header included. */
  TornadoNativeArray arrayIn(MemorySegment memory) {
    return switch (this) {
      case FLOATS -> FloatArray.fromSegmentShallow(memory);
      case INTS -> IntArray.fromSegmentShallow(memory);
      case SHORTS -> ShortArray.fromSegmentShallow(memory);
      case BYTES -> ByteArray.fromSegmentShallow(memory);
    };
  }
}
