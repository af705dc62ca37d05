package dev.orrery.weights.torch;

import dev.orrery.runtime.checkpoint.CheckpointException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** The bytes of a pickle and the arguments of its instructions. */
final class PickleInput {
  private static final VarHandle U16 = little(short[].class);
  private static final VarHandle I32 = little(int[].class);
  private static final VarHandle I64 = little(long[].class);

  /** No value that describes a tensor comes near. */
  private static final int MAX_TEXT_BYTES = 1 << 20;

  /** The most bytes of a name in a line. */
  static final int MAX_LINE_BYTES = 256;

  private final String source;
  private final byte[] bytes;
  private int position;
  private int opcodeAt;

  /**
   * @param source how error messages name the pickle: the file and the entry in it
   * @param bytes the pickle
   */
  PickleInput(String source, byte[] bytes) {
    this.source = source;
    this.bytes = bytes;
  }

  private static VarHandle little(Class<?> type) {
    return MethodHandles.byteArrayViewVarHandle(type, ByteOrder.LITTLE_ENDIAN);
  }

  /** The next instruction; refusals name its position until the next call. */
  int opcode() {
    opcodeAt = position;
    return u8();
  }

  int u8() {
    return Byte.toUnsignedInt(bytes[advance(1)]);
  }

  int u16() {
    return Short.toUnsignedInt((short) U16.get(bytes, advance(Short.BYTES)));
  }

  int i32() {
    return (int) I32.get(bytes, advance(Integer.BYTES));
  }

  long i64() {
    return (long) I64.get(bytes, advance(Long.BYTES));
  }

  double f64BigEndian() {
    return Double.longBitsToDouble(Long.reverseBytes(i64()));
  }

  /** A signed little-endian integer of the given number of bytes. */
  long integer(int length) {
    if (length < 0 || length > Long.BYTES) {
      throw refused("expected an integer of at most 64 bits, found " + length + " bytes");
    }
    int at = advance(length);
    long value = 0;
    for (int i = length - 1; i >= 0; i--) {
      value = value << Byte.SIZE | Byte.toUnsignedLong(bytes[at + i]);
    }
    int unused = Long.SIZE - length * Byte.SIZE;
    return length == 0 ? 0 : value << unused >> unused;
  }

  /** A string of the given number of bytes. */
  String text(long length) {
    if (length < 0 || length > MAX_TEXT_BYTES) {
      throw refused(
          "expected a string of at most "
              + MAX_TEXT_BYTES
              + " bytes, found "
              + Long.toUnsignedString(length));
    }
    return decoded(advance(length), (int) length);
  }

  /** Text up to the next line break. */
  String line() {
    int at = position;
    int limit = Math.min(bytes.length, at + MAX_LINE_BYTES);
    for (int i = at; i < limit; i++) {
      if (bytes[i] == '\n') {
        position = i + 1;
        return decoded(at, i - at);
      }
    }
    throw refused("expected a name of at most " + MAX_LINE_BYTES + " bytes, found no end of it");
  }

  /** Bytes that are left. */
  int remaining() {
    return bytes.length - position;
  }

  /** Refuses the current instruction. */
  CheckpointException refused(String problem) {
    return new CheckpointException(source, "byte " + opcodeAt + ": " + problem);
  }

  private String decoded(int at, int length) {
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(bytes, at, length))
          .toString();
    } catch (CharacterCodingException e) {
      throw refused("expected text in UTF-8, found other bytes");
    }
  }

  private int advance(long length) {
    if (length > remaining()) {
      throw refused(
          "expected " + length + " more bytes, found " + remaining() + "; the pickle is truncated");
    }
    int at = position;
    position += (int) length;
    return at;
  }
}
