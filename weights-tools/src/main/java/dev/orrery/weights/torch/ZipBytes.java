package dev.orrery.weights.torch;

import dev.orrery.runtime.checkpoint.CheckpointException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * The mapped bytes of a zip file and its little-endian fields.
 *
 * @param file how error messages name the file
 * @param bytes the whole file
 */
record ZipBytes(String file, MemorySegment bytes) {
  private static final ValueLayout.OfShort U16 =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt U32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong I64 =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  long size() {
    return bytes.byteSize();
  }

  /**
   * Requires that a range lies in the file.
   *
   * @param what what the range holds, for the error message
   */
  void require(String what, long at, long length) {
    if (at < 0 || length < 0 || at > size() || length > size() - at) {
      throw refused(
          what
              + ": expected "
              + length
              + " bytes at byte "
              + at
              + ", found a file of "
              + size()
              + "; it is truncated or damaged");
    }
  }

  int u16(long at) {
    require("a field", at, Short.BYTES);
    return Short.toUnsignedInt(bytes.get(U16, at));
  }

  long u32(long at) {
    require("a field", at, Integer.BYTES);
    return Integer.toUnsignedLong(bytes.get(U32, at));
  }

  /** A field of 64 bits; sizes and positions of a file that exists are not negative. */
  long u63(String what, long at) {
    require("a field", at, Long.BYTES);
    long value = bytes.get(I64, at);
    if (value < 0) {
      throw refused(
          what + ": expected less than 2^63 bytes, found " + Long.toUnsignedString(value));
    }
    return value;
  }

  String text(String what, long at, int length) {
    require(what, at, length);
    byte[] utf8 = bytes.asSlice(at, length).toArray(ValueLayout.JAVA_BYTE);
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8)).toString();
    } catch (CharacterCodingException e) {
      throw new CheckpointException(file, what + ": expected UTF-8, found other bytes", e);
    }
  }

  CheckpointException refused(String problem) {
    return new CheckpointException(file, problem);
  }
}
