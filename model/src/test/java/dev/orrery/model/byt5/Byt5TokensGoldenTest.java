package dev.orrery.model.byt5;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.orrery.model.text.Tokens;
import dev.orrery.runtime.checkpoint.JsonValue;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Quoted texts and their tokens against those of the reference's code. */
class Byt5TokensGoldenTest {
  private static final JsonValue FIXTURE =
      JsonValue.read(
          Path.of(
              System.getProperty("golden.dir"), "worldplay-hy8b-encoders", "tokenizer_byt5.json"));

  static List<JsonValue> cases() {
    return FIXTURE.get("cases").asList();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void findsFormatsAndTokenizes(JsonValue expected) {
    QuotedTexts quoted = QuotedTexts.of(expected.string("prompt"));
    List<String> texts = expected.get("texts").asList().stream().map(JsonValue::asString).toList();
    assertEquals(texts, quoted.texts());
    assertEquals(expected.has("ids"), !quoted.isEmpty());
    if (quoted.isEmpty()) {
      return;
    }
    assertEquals(expected.string("formatted"), quoted.formatted());
    Tokens tokens = Byt5Tokens.of(quoted.formatted(), FIXTURE.integer("max_length"));
    assertArrayEquals(expected.integers("ids"), tokens.ids());
    assertEquals(expected.integer("length"), tokens.ids().length);
    int pad = FIXTURE.integer("pad");
    assertArrayEquals(
        IntStream.range(0, FIXTURE.integer("max_length"))
            .map(i -> i < tokens.ids().length ? tokens.ids()[i] : pad)
            .toArray(),
        tokens.padded());
  }

  @ParameterizedTest
  @MethodSource("cases")
  void tellsWhatIsCut(JsonValue expected) {
    QuotedTexts quoted = QuotedTexts.of(expected.string("prompt"));
    int bytes = quoted.formatted().getBytes(StandardCharsets.UTF_8).length;
    int limit = FIXTURE.integer("max_length");
    Optional<String> warning = Byt5Tokens.of(quoted.formatted(), limit).warning("quoted text");
    assertEquals(
        bytes < limit
            ? Optional.empty()
            : Optional.of(
                "quoted text: the last "
                    + (bytes - limit + 1)
                    + " of "
                    + bytes
                    + " tokens are ignored, at most "
                    + (limit - 1)
                    + " are read"),
        warning);
  }
}
