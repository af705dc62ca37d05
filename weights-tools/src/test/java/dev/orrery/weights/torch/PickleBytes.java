package dev.orrery.weights.torch;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Pickles written by hand, right and wrong ones. */
final class PickleBytes {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  /** A pickle of protocol 2 that has only begun. */
  static PickleBytes begin() {
    return new PickleBytes().op(0x80, 2);
  }

  /** Adds instructions without arguments, or any bytes. */
  PickleBytes op(int... codes) {
    for (int code : codes) {
      bytes.write(code);
    }
    return this;
  }

  /** Adds ASCII characters, most of them instructions. */
  PickleBytes ops(String codes) {
    bytes.writeBytes(codes.getBytes(StandardCharsets.ISO_8859_1));
    return this;
  }

  PickleBytes u32(int opcode, int argument) {
    bytes.write(opcode);
    bytes.writeBytes(
        ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(argument).array());
    return this;
  }

  PickleBytes i64(int opcode, long argument) {
    bytes.write(opcode);
    bytes.writeBytes(
        ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(argument).array());
    return this;
  }

  PickleBytes text(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    u32('X', utf8.length);
    bytes.writeBytes(utf8);
    return this;
  }

  /** Adds an integer of up to 64 bits. */
  PickleBytes number(long number) {
    return op(0x8a).i64(8, number);
  }

  PickleBytes numbers(long... numbers) {
    ops("(");
    for (long number : numbers) {
      number(number);
    }
    return ops("t");
  }

  PickleBytes global(String module, String name) {
    return ops("c" + module + "\n" + name + "\n");
  }

  PickleBytes orderedDict() {
    return global("collections", "OrderedDict").ops(")R");
  }

  PickleBytes storage(String type, String key, long elements) {
    String module = type.startsWith("Untyped") ? "torch.storage" : "torch";
    return ops("(")
        .text("storage")
        .global(module, type)
        .text(key)
        .text("cpu")
        .number(elements)
        .ops("tQ");
  }

  /** Adds a tensor of fp32 over a storage of its own. */
  PickleBytes tensor(String key, long elements, long offset, long[] extents, long[] strides) {
    return global("torch._utils", "_rebuild_tensor_v2")
        .ops("(")
        .storage("FloatStorage", key, elements)
        .number(offset)
        .numbers(extents)
        .numbers(strides)
        .op(0x89)
        .orderedDict()
        .ops("tR");
  }

  byte[] end() {
    return ops(".").bytes.toByteArray();
  }

  byte[] toByteArray() {
    return bytes.toByteArray();
  }
}
