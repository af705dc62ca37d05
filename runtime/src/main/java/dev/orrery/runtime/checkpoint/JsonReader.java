package dev.orrery.runtime.checkpoint;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/** Builds the tree of one JSON document; strict, and bounded in depth and size. */
final class JsonReader {
  private static final int MAX_DEPTH = 64;

  /**
   * Enough for 200,000 tensors; keeps a hostile header of 100 MB from becoming gigabytes of
   * objects.
   */
  private static final int MAX_VALUES = 2_000_000;

  /** Of a row: one of everything that the most talkative recording of actions says of a frame. */
  private static final int MAX_VALUES_OF_ROW = 32;

  /** What Jackson says of the place of a bracket, most of it about itself. */
  private static final Pattern PLACE = Pattern.compile("\\[Source: [^;\\]]*; ([^\\]]*)\\]");

  private static final JsonFactory JSON = factory(MAX_DEPTH);

  /** As deep as the library of the safetensors format reads. */
  private static final JsonFactory HEADER = factory(127);

  private String source;
  private final JsonFactory json;

  /** Gets what a later member of the same name replaces; null where that is an error. */
  private final Consumer<JsonValue> replaced;

  private int values;
  private int maxValues = MAX_VALUES;

  private JsonReader(String source, JsonFactory json, Consumer<JsonValue> replaced) {
    this.source = source;
    this.json = json;
    this.replaced = replaced;
  }

  /** A reader of documents whose objects have each member once. */
  JsonReader(String source) {
    this(source, JSON, null);
  }

  /**
   * A reader of headers of safetensors files, which takes the JSON that the library of the format
   * takes: of several members of one name the last one counts, and half of a surrogate pair, which
   * only escapes can make, is no text.
   *
   * @param replaced gets the others
   */
  static JsonReader ofHeader(String source, Consumer<JsonValue> replaced) {
    return new JsonReader(source, HEADER, replaced);
  }

  private static JsonFactory factory(int maxDepth) {
    return JsonFactory.builder()
        // A cache of names across documents would keep those of hostile files.
        .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
        .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(maxDepth).build())
        .build();
  }

  JsonValue read(byte[] utf8) {
    try {
      // Decoded here because the parser guesses encodings from bytes and lets some invalid
      // sequences pass.
      CharBuffer text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8));
      return read(text);
    } catch (CharacterCodingException e) {
      throw new CheckpointException(source, "expected JSON in UTF-8, found invalid UTF-8", e);
    }
  }

  JsonValue read(CharBuffer text) {
    try (JsonParser parser = json.createParser(text.array(), text.arrayOffset(), text.length())) {
      JsonValue root = JsonValue.root(source);
      parser.nextToken();
      fill(root, parser);
      if (parser.nextToken() != null) {
        throw invalid(parser, "trailing content");
      }
      return root;
    } catch (IOException e) {
      throw invalid(e);
    }
  }

  /** See {@link JsonValue#readRows}. */
  List<JsonValue> readRows(CharBuffer text, String kind, int maxRows) {
    String file = source;
    maxValues = Math.max(MAX_VALUES, Math.multiplyExact(MAX_VALUES_OF_ROW, maxRows));
    try (JsonParser parser = json.createParser(text.array(), text.arrayOffset(), text.length())) {
      List<JsonValue> rows = new ArrayList<>();
      JsonToken first = parser.nextToken();
      boolean listed = first == JsonToken.START_ARRAY;
      JsonToken end = listed ? JsonToken.END_ARRAY : null;
      source = file + ": " + kind + " 0";
      for (JsonToken at = listed ? parser.nextToken() : first; at != end; at = parser.nextToken()) {
        if (rows.size() == maxRows) {
          throw new CheckpointException(
              file, "expected at most " + maxRows + " " + kind + "s, found more");
        }
        JsonValue row = JsonValue.root(source);
        fill(row, parser);
        rows.add(row);
        source = file + ": " + kind + " " + rows.size();
      }
      source = file;
      if (listed && parser.nextToken() != null) {
        throw invalid(parser, "trailing content");
      }
      return rows;
    } catch (IOException e) {
      throw invalid(e);
    }
  }

  private CheckpointException invalid(IOException e) {
    if (!(e instanceof JsonProcessingException found)) {
      return new CheckpointException(source, "invalid JSON: " + e.getMessage(), e);
    }
    String at =
        found.getLocation() == null
            ? ""
            : " at line "
                + found.getLocation().getLineNr()
                + ", column "
                + found.getLocation().getColumnNr();
    String problem = PLACE.matcher(found.getOriginalMessage()).replaceAll("$1");
    return new CheckpointException(source, "invalid JSON" + at + ": " + problem, e);
  }

  /** Reads the value whose first token is the current one. */
  private void fill(JsonValue target, JsonParser parser) throws IOException {
    if (++values > maxValues) {
      throw new CheckpointException(
          source, "expected JSON of at most " + maxValues + " values, found more");
    }
    JsonToken token = parser.currentToken();
    if (token == null) {
      throw invalid(parser, "unexpected end");
    }
    switch (token) {
      case START_OBJECT -> target.content(object(target, parser));
      case START_ARRAY -> target.content(list(target, parser));
      case VALUE_STRING -> target.content(text(parser, parser.getText()));
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> target.content(number(parser));
      case VALUE_TRUE, VALUE_FALSE -> target.content(token == JsonToken.VALUE_TRUE);
      case VALUE_NULL -> target.content(null);
      default -> throw invalid(parser, "unexpected " + token);
    }
  }

  private String text(JsonParser parser, String text) {
    for (int i = 0; replaced != null && i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i))) {
        if (!Character.isSurrogatePair(
            text.charAt(i), i + 1 < text.length() ? text.charAt(i + 1) : 0)) {
          throw invalid(parser, "half of a surrogate pair in a string");
        }
        i++;
      }
    }
    return text;
  }

  private JsonValue.Number number(JsonParser parser) throws IOException {
    JsonValue.Number number = new JsonValue.Number(parser.getText());
    if (replaced != null && Double.isInfinite(Double.parseDouble(number.text()))) {
      throw invalid(parser, "number out of range");
    }
    return number;
  }

  private Map<String, JsonValue> object(JsonValue target, JsonParser parser) throws IOException {
    Map<String, JsonValue> members = new LinkedHashMap<>();
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String key = text(parser, parser.currentName());
      JsonValue member = target.child(key);
      JsonValue earlier = members.put(key, member);
      if (earlier != null) {
        if (replaced == null) {
          throw invalid(parser, "duplicate key \"" + member.path() + "\"");
        }
        replaced.accept(earlier);
      }
      parser.nextToken();
      fill(member, parser);
    }
    return Collections.unmodifiableMap(members);
  }

  private List<JsonValue> list(JsonValue target, JsonParser parser) throws IOException {
    List<JsonValue> entries = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      JsonValue entry = target.child("[" + entries.size() + "]");
      fill(entry, parser);
      entries.add(entry);
    }
    return Collections.unmodifiableList(entries);
  }

  private CheckpointException invalid(JsonParser parser, String problem) {
    var at = parser.currentLocation();
    return new CheckpointException(
        source,
        "invalid JSON at line " + at.getLineNr() + ", column " + at.getColumnNr() + ": " + problem);
  }
}
