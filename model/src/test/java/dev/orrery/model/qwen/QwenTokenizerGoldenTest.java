package dev.orrery.model.qwen;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.orrery.runtime.checkpoint.JsonValue;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Tokens of a small vocabulary, which is part of its fixture, and of the released one, which is
 * not: {@code -Dqwen.dir} names a folder with its {@code vocab.json} and {@code merges.txt}, or
 * {@code tokenizer.json}, and for whole messages also {@code system_prompt.txt}.
 */
class QwenTokenizerGoldenTest {
  static final JsonValue SMALL = fixture("tokenizer_bpe_mini.json");
  private static final JsonValue RELEASED = fixture("tokenizer_qwen.json");

  private static JsonValue fixture(String name) {
    return JsonValue.read(
        Path.of(System.getProperty("golden.dir"), "worldplay-hy8b-encoders", name));
  }

  static List<JsonValue> small() {
    return SMALL.get("cases").asList();
  }

  @ParameterizedTest
  @MethodSource("small")
  void tokenizesWithASmallVocabulary(JsonValue expected) {
    List<String> merges = SMALL.get("merges").asList().stream().map(JsonValue::asString).toList();
    Map<String, Integer> added = new LinkedHashMap<>();
    JsonValue specials = SMALL.get("specials");
    specials.keys().forEach(token -> added.put(token, specials.integer(token)));
    BpeTokenizer tokenizer =
        new BpeTokenizer(BpeModel.of(SMALL.get("vocab"), merges, "merges"), added);
    String text = expected.string("text");
    if (expected.has("pieces")) {
      List<String> pieces =
          expected.get("pieces").asList().stream().map(JsonValue::asString).toList();
      assertEquals(pieces, BpeTokenizer.pieces(text));
    }
    assertArrayEquals(expected.integers("ids"), tokenizer.tokenize(text));
  }

  static List<JsonValue> released() {
    return RELEASED.get("cases").asList();
  }

  @ParameterizedTest
  @MethodSource("released")
  void tokenizesWithTheReleasedVocabulary(JsonValue expected) {
    assertArrayEquals(
        expected.integers("ids"), BpeTokenizer.read(folder()).tokenize(expected.string("text")));
  }

  static List<JsonValue> messages() {
    return RELEASED.get("chats").asList();
  }

  @ParameterizedTest
  @MethodSource("messages")
  void makesMessagesOfPrompts(JsonValue expected) throws Exception {
    Path system = folder().resolve("system_prompt.txt");
    assumeTrue(Files.exists(system), "there is no " + system);
    ChatTemplate template =
        new ChatTemplate(BpeTokenizer.read(folder()), SystemPrompt.RELEASED.read(system));
    assertEquals(RELEASED.integer("crop_start"), template.start());
    int[] ids = template.message(expected.string("prompt")).ids();
    int[] kept = Arrays.copyOfRange(ids, template.start(), ids.length);
    assertEquals(expected.integer("valid"), kept.length);
    int[] first = expected.integers("first");
    assertArrayEquals(first, Arrays.copyOf(kept, first.length));
    int[] last = expected.integers("last");
    assertArrayEquals(last, Arrays.copyOfRange(kept, kept.length - last.length, kept.length));
    assertEquals(expected.string("sha256_i32le"), sha256(kept));
    assertEquals(
        RELEASED.string("prefix_ids_sha256_i32le"),
        sha256(template.message("x").ids(), template.start()));
  }

  private static Path folder() {
    String folder = System.getProperty("qwen.dir");
    assumeTrue(folder != null, "-Dqwen.dir names no folder with the released vocabulary");
    return Path.of(folder);
  }

  private static String sha256(int[] ids) throws Exception {
    return sha256(ids, ids.length);
  }

  private static String sha256(int[] ids, int count) throws Exception {
    ByteBuffer bytes = ByteBuffer.allocate(4 * count).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asIntBuffer().put(ids, 0, count);
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes.array()));
  }
}
