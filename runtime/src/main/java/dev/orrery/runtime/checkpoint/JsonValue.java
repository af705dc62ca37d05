package dev.orrery.runtime.checkpoint;

import dev.orrery.runtime.files.NotTextException;
import dev.orrery.runtime.files.TextFile;
import java.io.IOException;
import java.nio.CharBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A JSON value that knows where it stands, so that a wrong configuration is reported as {@code
 * config.json: dit.num_heads: expected an integer, found "12"}. Immutable.
 *
 * <p>A member whose value is {@code null} counts as absent: {@link #has} is false and defaults
 * apply.
 */
public final class JsonValue {
  /**
   * Configurations are some kilobytes; a file beyond this is a mistake, such as weights given as
   * configuration.
   */
  private static final long MAX_FILE_BYTES = 100_000_000;

  /** Longest piece of a found value that an error message repeats. */
  private static final int MAX_SHOWN = 60;

  /** Longest list whose entries an error message repeats. */
  private static final int MAX_SHOWN_ENTRIES = 16;

  /** A number, kept as written, so that 64-bit integers stay exact. */
  record Number(String text) {}

  private final String source;
  private final JsonValue parent;
  private final String step;

  /**
   * {@code Map<String, JsonValue>}, {@code List<JsonValue>}, String, Number or Boolean; null for
   * null and absent.
   */
  private Object content;

  private JsonValue(String source, JsonValue parent, String step) {
    this.source = source;
    this.parent = parent;
    this.step = step;
  }

  /** The root of a document; the parser sets its content before anyone sees it. */
  static JsonValue root(String source) {
    return new JsonValue(source, null, "");
  }

  /** A value below this one; {@code step} is a member's name or {@code [index]}. */
  JsonValue child(String step) {
    return new JsonValue(source, this, step);
  }

  void content(Object content) {
    this.content = content;
  }

  /**
   * Reads a file of many values of one kind: a list of them, or one after the other, as in JSON
   * Lines. A text as {@link TextFile} says.
   *
   * @param kind what a value is, such as {@code frame}; messages about one name it so, with its
   *     index
   * @param maxBytes of the file; a longer one is refused without reading it
   * @param maxRows most values
   * @throws CheckpointException if it cannot be read, is too long or is no such text; it names the
   *     value that is cut short or invalid
   */
  public static List<JsonValue> readRows(Path file, String kind, long maxBytes, int maxRows) {
    try {
      char[] text = TextFile.read(file, maxBytes).toCharArray();
      return new JsonReader(file.toString()).readRows(CharBuffer.wrap(text), kind, maxRows);
    } catch (NotTextException e) {
      throw new CheckpointException(file.toString(), e.getMessage(), e);
    } catch (IOException e) {
      throw CheckpointException.cannotRead(file, e);
    }
  }

  /**
   * Reads a JSON file, a text as {@link TextFile} says.
   *
   * @throws CheckpointException if it cannot be read or is not exactly one valid JSON value
   */
  public static JsonValue read(Path file) {
    try {
      char[] text = TextFile.read(file, MAX_FILE_BYTES).toCharArray();
      JsonValue root = new JsonReader(file.toString()).read(CharBuffer.wrap(text));
      if (root.content instanceof Map<?, ?> && root.get("error").content instanceof String told) {
        throw FileKind.serverError(told).insteadOf(file, "a configuration", null);
      }
      return root;
    } catch (NotTextException e) {
      throw explained(file, new CheckpointException(file.toString(), e.getMessage(), e));
    } catch (CheckpointException e) {
      throw explained(file, e);
    } catch (IOException e) {
      throw CheckpointException.cannotRead(file, e);
    }
  }

  private static CheckpointException explained(Path file, CheckpointException failure) {
    return FileKind.explain(file, "a JSON file", List.of(FileKind.JSON), failure);
  }

  /**
   * Parses JSON that a program wrote, in which nothing but JSON may stand.
   *
   * @param source how error messages name its origin
   * @param utf8 the text in UTF-8
   * @throws CheckpointException if it is not exactly one JSON value: invalid UTF-8, a syntax error,
   *     a key that occurs twice in an object, more than 64 levels, trailing content
   */
  public static JsonValue parse(String source, byte[] utf8) {
    return new JsonReader(source).read(utf8);
  }

  /** How error messages name the document's origin: the path of its file. */
  public String source() {
    return source;
  }

  /** Whether this object has the member, with a value other than null. */
  public boolean has(String key) {
    JsonValue member = members().get(key);
    return member != null && member.content != null;
  }

  /** A member of this object. */
  public JsonValue get(String key) {
    JsonValue member = members().get(key);
    return member == null ? child(key) : member;
  }

  /** Names of the members of this object, in the order of the file. */
  public Set<String> keys() {
    return members().keySet();
  }

  /** A member that must be an integer of 32 bits. */
  public int integer(String key) {
    return get(key).asInt();
  }

  /** A member that must be an integer from 1 to 2^31 - 1. */
  public int positive(String key) {
    int value = integer(key);
    if (value < 1) {
      throw get(key).unexpected("a positive integer");
    }
    return value;
  }

  /** As {@link #integer(String)}, with a value for an absent member. */
  public int integer(String key, int absent) {
    return has(key) ? integer(key) : absent;
  }

  /** A member that must be a finite number. */
  public double number(String key) {
    return get(key).asDouble();
  }

  /** As {@link #number(String)}, with a value for an absent member. */
  public double number(String key, double absent) {
    return has(key) ? number(key) : absent;
  }

  /** A member that must be true or false. */
  public boolean bool(String key) {
    return get(key).asBoolean();
  }

  /** As {@link #bool(String)}, with a value for an absent member. */
  public boolean bool(String key, boolean absent) {
    return has(key) ? bool(key) : absent;
  }

  /** A member that must be a string. */
  public String string(String key) {
    return get(key).asString();
  }

  /** As {@link #string(String)}, with a value for an absent member. */
  public String string(String key, String absent) {
    return has(key) ? string(key) : absent;
  }

  /** A member that must be a list of integers of 32 bits. */
  public int[] integers(String key) {
    return get(key).asList().stream().mapToInt(JsonValue::asInt).toArray();
  }

  /** As {@link #integers(String)}, with a value for an absent member. */
  public int[] integers(String key, int... absent) {
    return has(key) ? integers(key) : absent;
  }

  /** A member that must be a list of finite numbers. */
  public double[] numbers(String key) {
    return get(key).asList().stream().mapToDouble(JsonValue::asDouble).toArray();
  }

  /** As {@link #numbers(String)}, with a value for an absent member. */
  public double[] numbers(String key, double... absent) {
    return has(key) ? numbers(key) : absent;
  }

  /** This value as an integer of 32 bits. */
  public int asInt() {
    long value = asLong();
    if (value != (int) value) {
      throw unexpected("an integer of 32 bits");
    }
    return (int) value;
  }

  /** This value as an integer of 64 bits; {@code 1.0} and {@code "1"} are none. */
  public long asLong() {
    if (content instanceof Number(String text)) {
      try {
        return Long.parseLong(text);
      } catch (NumberFormatException e) {
        // Has a fraction or an exponent, or is too large: reported below.
      }
    }
    throw unexpected("an integer");
  }

  /** This value as a finite number. */
  public double asDouble() {
    if (content instanceof Number(String text)) {
      double value = Double.parseDouble(text);
      if (Double.isFinite(value)) {
        return value;
      }
    }
    throw unexpected("a number");
  }

  /** This value as true or false. */
  public boolean asBoolean() {
    if (content instanceof Boolean value) {
      return value;
    }
    throw unexpected("true or false");
  }

  /** This value as a string. */
  public String asString() {
    if (content instanceof String value) {
      return value;
    }
    throw unexpected("a string");
  }

  /** Whether this value is a list. */
  public boolean isList() {
    return content instanceof List<?>;
  }

  /** The entries of this list. */
  @SuppressWarnings("unchecked")
  public List<JsonValue> asList() {
    if (content instanceof List<?> value) {
      return (List<JsonValue>) value;
    }
    throw unexpected("a list");
  }

  /**
   * The error to throw when this value is not acceptable.
   *
   * @param expected what it should have been, such as {@code "a divisor of dim = 1536"}
   */
  public CheckpointException unexpected(String expected) {
    String path = path();
    return new CheckpointException(
        source, (path.isEmpty() ? "" : path + ": ") + "expected " + expected + ", found " + this);
  }

  /**
   * Where this value stands in its document, such as {@code dit.blocks[3].dim}; empty for the whole
   * document.
   */
  public String path() {
    if (parent == null) {
      return "";
    }
    String above = parent.path();
    return above.isEmpty() || step.startsWith("[") ? above + step : above + "." + step;
  }

  /** The value that this one is a part of; null at the root. */
  JsonValue parent() {
    return parent;
  }

  /** Its name in the object that it is a member of. */
  String name() {
    return step;
  }

  /** Number of values that it is inside of. */
  int depth() {
    return parent == null ? 0 : 1 + parent.depth();
  }

  @SuppressWarnings("unchecked")
  private Map<String, JsonValue> members() {
    if (content instanceof Map<?, ?> value) {
      return (Map<String, JsonValue>) value;
    }
    throw unexpected("an object");
  }

  /** This value as error messages show it: scalars and short lists as written, the rest by kind. */
  @Override
  public String toString() {
    return switch (content) {
      case null -> isAbsent() ? "nothing" : "null";
      case Map<?, ?> _ -> "an object";
      case List<?> list when list.size() <= MAX_SHOWN_ENTRIES -> shortened(list.toString());
      case List<?> list -> "a list of " + list.size();
      case String text -> '"' + shortened(text) + '"';
      case Number(String text) -> shortened(text);
      default -> content.toString();
    };
  }

  private boolean isAbsent() {
    return parent != null
        && parent.content instanceof Map<?, ?> siblings
        && !siblings.containsKey(step);
  }

  private static String shortened(String text) {
    return text.length() <= MAX_SHOWN ? text : text.substring(0, MAX_SHOWN) + "...";
  }
}
