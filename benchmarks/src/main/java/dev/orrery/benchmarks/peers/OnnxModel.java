package dev.orrery.benchmarks.peers;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * A model file of ONNX that is written field by field as Protocol Buffers, since a graph of some
 * nodes needs no library for that. Numbers of fields are those of {@code onnx.proto}. All tensors
 * are fp32.
 */
public final class OnnxModel {
  /** A message of Protocol Buffers that is being written. */
  private static final class Message {
    private static final int VARINT = 0;
    private static final int LENGTH = 2;
    private static final int FIXED32 = 5;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    Message integer(int field, long value) {
      varint((long) field << 3 | VARINT);
      varint(value);
      return this;
    }

    Message decimal(int field, float value) {
      varint((long) field << 3 | FIXED32);
      out.writeBytes(ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putFloat(value).array());
      return this;
    }

    Message bytes(int field, byte[] value) {
      varint((long) field << 3 | LENGTH);
      varint(value.length);
      out.writeBytes(value);
      return this;
    }

    Message text(int field, String value) {
      return bytes(field, value.getBytes(StandardCharsets.UTF_8));
    }

    Message message(int field, Message value) {
      return bytes(field, value.out.toByteArray());
    }

    private void varint(long value) {
      long rest = value;
      while ((rest & ~0x7fL) != 0) {
        out.write((int) (rest & 0x7f | 0x80));
        rest >>>= 7;
      }
      out.write((int) rest);
    }
  }

  private static final int IR_VERSION = 10;

  /** The first version of operators that has Attention. */
  private static final int OPERATORS = 23;

  private static final int FLOAT = 1;
  private static final int INT64 = 7;
  private static final int ATTRIBUTE_FLOAT = 1;
  private static final int ATTRIBUTE_INT = 2;
  private static final int ATTRIBUTE_STRING = 3;
  private static final int ATTRIBUTE_INTS = 7;

  private final Message graph = new Message();

  /** A tensor that is given to a session. */
  record Input(float[] values, int... shape) {}

  /** A node that is being described. */
  public static final class Node {
    private final Message message = new Message();

    /**
     * @param operator of ONNX
     * @param inputs names, which end with that of the output
     */
    Node(String operator, String... inputs) {
      for (int i = 0; i < inputs.length - 1; i++) {
        message.text(1, inputs[i]);
      }
      message.text(2, inputs[inputs.length - 1]);
      message.text(4, operator);
    }

    /** Gives it a whole number. */
    public Node integer(String name, long value) {
      message.message(5, attribute(name, ATTRIBUTE_INT).integer(3, value));
      return this;
    }

    /** Gives it a number. */
    public Node decimal(String name, float value) {
      message.message(5, attribute(name, ATTRIBUTE_FLOAT).decimal(2, value));
      return this;
    }

    /** Gives it whole numbers. */
    public Node integers(String name, long... values) {
      Message attribute = attribute(name, ATTRIBUTE_INTS);
      for (long value : values) {
        attribute.integer(8, value);
      }
      message.message(5, attribute);
      return this;
    }

    /** Gives it a word. */
    public Node text(String name, String value) {
      message.message(5, attribute(name, ATTRIBUTE_STRING).text(4, value));
      return this;
    }

    private static Message attribute(String name, int type) {
      return new Message().text(1, name).integer(20, type);
    }
  }

  OnnxModel() {
    graph.text(2, "problem");
  }

  OnnxModel node(Node node) {
    graph.message(1, node.message);
    return this;
  }

  /** A tensor that the model holds. */
  OnnxModel constant(String name, float[] values, int... shape) {
    Message tensor = new Message();
    for (int extent : shape) {
      tensor.integer(1, extent);
    }
    ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    graph.message(5, tensor.integer(2, FLOAT).text(8, name).bytes(9, bytes.array()));
    return this;
  }

  /** A list of whole numbers that the model holds. */
  OnnxModel constant(String name, long... values) {
    ByteBuffer bytes = ByteBuffer.allocate(8 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asLongBuffer().put(values);
    Message tensor = new Message().integer(1, values.length);
    graph.message(5, tensor.integer(2, INT64).text(8, name).bytes(9, bytes.array()));
    return this;
  }

  OnnxModel input(String name, int... shape) {
    graph.message(11, value(name, shape));
    return this;
  }

  OnnxModel output(String name, int... shape) {
    graph.message(12, value(name, shape));
    return this;
  }

  private static Message value(String name, int... shape) {
    Message dimensions = new Message();
    for (int extent : shape) {
      dimensions.message(1, new Message().integer(1, extent));
    }
    Message tensor = new Message().integer(1, FLOAT).message(2, dimensions);
    return new Message().text(1, name).message(2, new Message().message(1, tensor));
  }

  /** The file. */
  byte[] bytes() {
    Message operators = new Message().text(1, "").integer(2, OPERATORS);
    return new Message()
        .integer(1, IR_VERSION)
        .message(7, graph)
        .message(8, operators)
        .out
        .toByteArray();
  }
}
