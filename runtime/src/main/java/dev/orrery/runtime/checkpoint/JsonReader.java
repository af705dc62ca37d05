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

/** Builds the tree of one JSON document; strict, and bounded in depth and size. */
final class JsonReader {
  private static final int MAX_DEPTH = 64;

  /**
   * Enough for 200,000 tensors; keeps a hostile header of 100 MB from becoming gigabytes of
   * objects.
   */
  private static final int MAX_VALUES = 2_000_000;

  private static final JsonFactory JSON =
      JsonFactory.builder()
          // A cache of names across documents would keep those of hostile files.
          .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
          .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(MAX_DEPTH).build())
          .build();

  private final String source;
  private int values;

  JsonReader(String source) {
    this.source = source;
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
    try (JsonParser parser = JSON.createParser(text.array(), text.arrayOffset(), text.length())) {
      JsonValue root = JsonValue.root(source);
      parser.nextToken();
      fill(root, parser);
      if (parser.nextToken() != null) {
        throw invalid(parser, "trailing content");
      }
      return root;
    } catch (JsonProcessingException e) {
      String at =
          e.getLocation() == null
              ? ""
              : " at line "
                  + e.getLocation().getLineNr()
                  + ", column "
                  + e.getLocation().getColumnNr();
      throw new CheckpointException(source, "invalid JSON" + at + ": " + e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw new CheckpointException(source, "invalid JSON: " + e.getMessage(), e);
    }
  }

  /** Reads the value whose first token is the current one. */
  private void fill(JsonValue target, JsonParser parser) throws IOException {
    if (++values > MAX_VALUES) {
      throw new CheckpointException(
          source, "expected JSON of at most " + MAX_VALUES + " values, found more");
    }
    JsonToken token = parser.currentToken();
    if (token == null) {
      throw invalid(parser, "unexpected end");
    }
    switch (token) {
      case START_OBJECT -> target.content(object(target, parser));
      case START_ARRAY -> target.content(list(target, parser));
      case VALUE_STRING -> target.content(parser.getText());
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT ->
          target.content(new JsonValue.Number(parser.getText()));
      case VALUE_TRUE, VALUE_FALSE -> target.content(token == JsonToken.VALUE_TRUE);
      case VALUE_NULL -> target.content(null);
      default -> throw invalid(parser, "unexpected " + token);
    }
  }

  private Map<String, JsonValue> object(JsonValue target, JsonParser parser) throws IOException {
    Map<String, JsonValue> members = new LinkedHashMap<>();
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String key = parser.currentName();
      JsonValue member = target.child(key);
      if (members.putIfAbsent(key, member) != null) {
        throw invalid(parser, "duplicate key \"" + member.path() + "\"");
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
