package dev.orrery.model.umt5;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.model.text.Tokens;
import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.runtime.checkpoint.JsonValue;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The expected ids were written by Hugging Face's tokenizers 0.23.2, for a vocabulary of our own
 * that was trained by SentencePiece with byte fallback and a table of replacements.
 */
class UnigramTokenizerTest {
  private static final int LIMIT = 512;
  private static final Path FOLDER = Path.of("src/test/resources/umt5");

  @ParameterizedTest
  @ValueSource(strings = {"tokenizer.json", "tokenizer-words.json", "tokenizer-bare.json"})
  void givesTheIdsOfTheReference(String file) {
    UnigramTokenizer tokenizer = UnigramTokenizer.read(FOLDER.resolve(file));
    JsonValue cases = JsonValue.read(FOLDER.resolve("tokens.json")).get(file);
    assertTrue(cases.asList().size() >= 30, "cases");
    for (JsonValue each : cases.asList()) {
      String text = each.string("text");
      assertArrayEquals(each.integers("ids"), tokenizer.tokenize(text, LIMIT).ids(), text);
    }
  }

  @Test
  void longPromptsAreCutBeforeTheEndToken() {
    UnigramTokenizer tokenizer = UnigramTokenizer.read(FOLDER.resolve("tokenizer.json"));
    Tokens whole = tokenizer.tokenize("walks ".repeat(10), LIMIT);
    assertEquals(11, whole.ids().length);
    assertEquals(Optional.empty(), whole.warning("prompt"));
    assertEquals(Optional.empty(), tokenizer.tokenize("walks ".repeat(10), 11).warning("prompt"));
    Tokens cut = tokenizer.tokenize("walks ".repeat(10), 8);
    int[] expected = Arrays.copyOf(whole.ids(), 8);
    expected[7] = 1;
    assertArrayEquals(expected, cut.ids());
    assertEquals(3, cut.dropped());
    assertEquals(
        Optional.of("prompt: the last 3 of 10 tokens are ignored, at most 7 are read"),
        cut.warning("prompt"));
    assertArrayEquals(expected, cut.padded());
    assertArrayEquals(new int[] {1}, tokenizer.tokenize("walks", 1).ids());
  }

  @Test
  void paddingFollowsTheEndToken() {
    UnigramTokenizer tokenizer = UnigramTokenizer.read(FOLDER.resolve("tokenizer.json"));
    Tokens tokens = tokenizer.tokenize("", 4);
    assertArrayEquals(new int[] {1, 0, 0, 0}, tokens.padded());
    assertArrayEquals(new int[] {1, 0, 0, 0}, tokens.mask());
  }

  /** Of two ways with the same sum, the one found first is kept. */
  @Test
  void tiesAndUnknownCharacters() {
    UnigramTokenizer tokenizer = of(document("", ""));
    assertArrayEquals(new int[] {3, 1}, tokenizer.tokenize("ab", LIMIT).ids());
    assertArrayEquals(new int[] {2, 4, 2, 1}, tokenizer.tokenize("zzaz\ud83d\ude00", LIMIT).ids());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"unk_id\":2 | \"unk_id\":6 | model.unk_id: expected an entry of vocab, which has 6",
        "[\"a\",-1] | [\"a\"] | model.vocab[4]: expected a piece and its score",
        "[\"a\",-1] | [\"\",-1] | model.vocab[4][0]: expected a piece of 1 to 256 characters",
        "[\"a\",-1] | [\"a\",\"1\"] | model.vocab[4][1]: expected a number",
        "[\"a\",-1] | [\"a\",1e999] | model.vocab[4][1]: expected a number",
        "\"Unigram\" | \"BPE\" | model.type: expected Unigram",
        "\"model\" | \"nodel\" | model: expected an object, found nothing",
        "[\"</s>\",0] | [\"</t>\",0] | expected </s> in added_tokens or in model.vocab",
      })
  void refusesModelsNamingThePlace(String from, String to, String message) {
    String document = document("", "");
    assertTrue(document.contains(from), from);
    assertRefused(document.replace(from, to), message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"type\":\"Bert\"} | normalizer.type: expected Sequence, Precompiled",
        "{\"type\":\"Sequence\",\"normalizers\":[{\"type\":\"X\"}]} | normalizer.normalizers[0].type:",
        "{\"type\":\"Precompiled\",\"precompiled_charsmap\":\"?\"} | precompiled_charsmap: expected base64",
        "{\"type\":\"Precompiled\",\"precompiled_charsmap\":\"AAA=\"} | expected a trie of whole units",
        "{\"type\":\"Precompiled\",\"precompiled_charsmap\":\"/////w==\"} | expected a trie of whole units",
        "{\"type\":\"Precompiled\",\"precompiled_charsmap\":\"CAAAAAAAAAA=\"} | expected a trie of whole units",
        "{\"type\":\"Replace\",\"pattern\":{\"Regex\":\"(\"},\"content\":\"\"} | pattern.Regex: expected a regular",
        "{\"type\":\"Strip\",\"strip_left\":1,\"strip_right\":true} | normalizer.strip_left: expected true or false",
      })
  void refusesNormalizersNamingThePlace(String normalizer, String message) {
    assertRefused(document(",\"normalizer\":" + normalizer, ""), message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"pre_tokenizer\":{\"type\":\"ByteLevel\"} | pre_tokenizer.type: expected Sequence, WhitespaceSplit",
        "\"pre_tokenizer\":{\"type\":\"Metaspace\",\"replacement\":\"ab\"} | replacement: expected one character",
        "\"pre_tokenizer\":{\"type\":\"Metaspace\",\"replacement\":\"_\",\"prepend_scheme\":\"x\"} | expected always, first",
        "\"post_processor\":{\"type\":\"Bert\"} | post_processor.type: expected TemplateProcessing",
        "\"post_processor\":{\"type\":\"TemplateProcessing\",\"single\":[]} | post_processor.single: expected the text and",
        "\"added_tokens\":[{\"id\":-1,\"content\":\"x\"}] | added_tokens[0].id: expected zero or more",
        "\"added_tokens\":[{\"id\":1,\"content\":\"\"}] | added_tokens[0].content: expected a text",
        "\"added_tokens\":[{\"id\":1,\"content\":\"x\",\"single_word\":true}] | single_word: expected false",
      })
  void refusesOtherPartsNamingThePlace(String part, String message) {
    assertRefused(document("", "," + part), message);
  }

  /** A trie whose root leads out of it. */
  @Test
  void refusesATrieThatLeadsOutOfItself() {
    // One unit, whose offset is beyond all others.
    byte[] bytes = {4, 0, 0, 0, 0, (byte) 0xFC, 0x7F, 0, 0};
    String map = "\"" + Base64.getEncoder().encodeToString(bytes) + "\"";
    UnigramTokenizer tokenizer =
        of(
            document(
                ",\"normalizer\":{\"type\":\"Precompiled\",\"precompiled_charsmap\":" + map + "}",
                ""));
    CheckpointException e =
        assertThrows(CheckpointException.class, () -> tokenizer.tokenize("a", LIMIT));
    assertTrue(e.getMessage().contains("expected a trie whose nodes lie inside it"), e::getMessage);
  }

  @Test
  void missingFileIsOneLine(@TempDir Path folder) {
    Path file = folder.resolve("tokenizer.json");
    CheckpointException e =
        assertThrows(CheckpointException.class, () -> UnigramTokenizer.read(file));
    assertEquals(file + ": cannot be read: no such file or folder", e.getMessage());
  }

  private static void assertRefused(String document, String message) {
    CheckpointException e = assertThrows(CheckpointException.class, () -> of(document));
    assertTrue(e.getMessage().startsWith("t.json: "), e::getMessage);
    assertTrue(e.getMessage().contains(message), e::getMessage);
  }

  private static UnigramTokenizer of(String document) {
    return UnigramTokenizer.of(
        JsonValue.parse("t.json", document.getBytes(StandardCharsets.UTF_8)));
  }

  private static String document(String normalizer, String more) {
    return """
        {"model":{"type":"Unigram","unk_id":2,"vocab":
        [["<pad>",0],["</s>",0],["<unk>",0],["ab",-2],["a",-1],["b",-1]]}%s%s}"""
        .formatted(normalizer, more);
  }
}
