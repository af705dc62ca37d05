package dev.orrery.play.server;

import dev.orrery.play.server.ViewerMessage.Picture;
import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.runtime.checkpoint.JsonValue;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Reads what viewers say, and trusts none of it. */
final class MessageReader {
  /** Of the protocol. */
  static final int VERSION = 1;

  /** A keyboard has some hundred keys. */
  private static final int MAX_HELD = 100;

  /** Longest name of a session and secret of a viewer. */
  private static final int MAX_NAME = 64;

  /** Longest prompt, in characters; encoders take far less. */
  private static final int MAX_PROMPT = 10_000;

  private static final String SOURCE = "message";

  /** Reads the fields of a message. */
  @FunctionalInterface
  private interface Fields {
    ViewerMessage read(JsonValue message);
  }

  /**
   * A type of message.
   *
   * @param fields it has these and {@code type}, and no others
   */
  private record Type(Set<String> fields, Fields reader) {}

  private static final Map<String, Type> TYPES =
      Map.ofEntries(
          type("hello", MessageReader::hello, "version", "session", "viewer"),
          type("keys", MessageReader::keys, "held", "time"),
          type("look", MessageReader::look, "right", "up", "time"),
          type("pause", m -> new ViewerMessage.Pause(m.bool("on")), "on"),
          type("single", m -> new ViewerMessage.Single()),
          type("start", MessageReader::begin, "seed", "prompt", "image"),
          type("upload", MessageReader::upload, "kind", "bytes"),
          type("back", m -> new ViewerMessage.Back(m.integer("block")), "block"),
          type("record", m -> new ViewerMessage.Record(m.bool("on")), "on"),
          type("save", m -> new ViewerMessage.Save()),
          type("ask", m -> new ViewerMessage.Ask()),
          type("answer", MessageReader::answer, "viewer", "give"));

  private MessageReader() {}

  private static Map.Entry<String, Type> type(String name, Fields reader, String... fields) {
    return Map.entry(name, new Type(Set.of(fields), reader));
  }

  /**
   * Reads a message.
   *
   * @throws BadMessageException if it is none: no JSON, of no known type, with other fields than
   *     those of its type, or values of other kinds
   */
  static ViewerMessage read(String text) {
    try {
      JsonValue message = JsonValue.parse(SOURCE, text.getBytes(StandardCharsets.UTF_8));
      Type type = TYPES.get(message.string("type"));
      if (type == null) {
        throw message
            .get("type")
            .unexpected("one of " + String.join(", ", new TreeSet<>(TYPES.keySet())));
      }
      Set<String> surplus = new HashSet<>(message.keys());
      surplus.remove("type");
      surplus.removeAll(type.fields());
      if (!surplus.isEmpty()) {
        throw message.get(surplus.iterator().next()).unexpected("no such field");
      }
      return type.reader().read(message);
    } catch (CheckpointException e) {
      throw new BadMessageException(e.getMessage());
    }
  }

  private static ViewerMessage hello(JsonValue message) {
    if (message.integer("version") != VERSION) {
      throw message.get("version").unexpected("protocol " + VERSION);
    }
    return new ViewerMessage.Hello(
        limited(message, "session", MAX_NAME), limited(message, "viewer", MAX_NAME));
  }

  private static ViewerMessage keys(JsonValue message) {
    List<JsonValue> held = message.get("held").asList();
    if (held.size() > MAX_HELD) {
      throw message.get("held").unexpected("at most " + MAX_HELD + " keys");
    }
    return new ViewerMessage.Keys(
        held.stream().map(JsonValue::asString).toList(), message.number("time"));
  }

  private static ViewerMessage look(JsonValue message) {
    return new ViewerMessage.Look(
        message.number("right"), message.number("up"), message.number("time"));
  }

  private static ViewerMessage answer(JsonValue message) {
    return new ViewerMessage.Answer(message.integer("viewer"), message.bool("give"));
  }

  private static ViewerMessage begin(JsonValue message) {
    // A text because numbers of browsers have 53 bits.
    String seed = message.string("seed");
    try {
      return new ViewerMessage.Begin(
          Long.parseLong(seed),
          limited(message, "prompt", MAX_PROMPT).strip(),
          oneOf(message, "image", List.of(Picture.values())));
    } catch (NumberFormatException e) {
      throw message.get("seed").unexpected("a whole number of 64 bits as a text");
    }
  }

  private static ViewerMessage upload(JsonValue message) {
    FileKind kind = oneOf(message, "kind", List.of(FileKind.IMAGE, FileKind.SESSION));
    long bytes = message.get("bytes").asLong();
    if (bytes < 1) {
      throw message.get("bytes").unexpected("at least 1");
    }
    return new ViewerMessage.Upload(kind, bytes);
  }

  private static <E extends Enum<E>> E oneOf(JsonValue message, String key, List<E> values) {
    String text = message.string(key);
    return values.stream()
        .filter(value -> value.name().toLowerCase(Locale.ROOT).equals(text))
        .findFirst()
        .orElseThrow(
            () ->
                message
                    .get(key)
                    .unexpected(
                        values.stream()
                            .map(value -> value.name().toLowerCase(Locale.ROOT))
                            .collect(Collectors.joining(", ", "one of ", ""))));
  }

  private static String limited(JsonValue message, String key, int most) {
    String text = message.string(key);
    if (text.length() > most) {
      throw message.get(key).unexpected("at most " + most + " characters");
    }
    return text;
  }
}
