package dev.orrery.model.qwen;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.orrery.runtime.checkpoint.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BpeTokenizerTest {
  private static final String MERGES = "#version: 0.2\na b\nab ab\nb a\n";

  @TempDir private Path folder;

  /** Tokens of the letters are their bytes; then come ab, abab and ba, then the added ones. */
  @Test
  void readsBothForms() throws IOException {
    assertEquals(
        folder + ": expected vocab.json and merges.txt, or tokenizer.json, found neither",
        assertThrows(CheckpointException.class, () -> BpeTokenizer.read(folder)).getMessage());
    write("vocab.json", vocabulary());
    write("merges.txt", MERGES.replace("\n", "\r\n"));
    BpeTokenizer tokenizer = BpeTokenizer.read(folder);
    assertEquals(259 + 22, tokenizer.vocabulary());
    String text = "abab<|im_end|>bab a\u00e9";
    int[] expected = {257, 261, 98, 256, 32, 97, 0xc3, 0xa9};
    assertArrayEquals(expected, tokenizer.tokenize(text));
    Files.delete(folder.resolve("vocab.json"));
    String merges = "[\"a b\",[\"ab\",\"ab\"],\"b a\"]";
    String added = "[{\"id\":261,\"content\":\"<|im_end|>\"}]";
    String model = "{\"type\":\"BPE\",\"vocab\":" + vocabulary() + ",\"merges\":" + merges + "}";
    write("tokenizer.json", "{\"added_tokens\":" + added + ",\"model\":" + model + "}");
    assertArrayEquals(expected, BpeTokenizer.read(folder).tokenize(text));
  }

  @Test
  void refusesMergesOfAnotherVocabulary() throws IOException {
    refusedMerges(
        "a c",
        "merge 3: expected two tokens of the vocabulary that are one of it"
            + " together, found \"a c\"");
    refusedMerges(
        "abc",
        "merge 3: expected two tokens of the vocabulary that are one of it"
            + " together, found \"abc\"");
    refusedMerges(
        "a b a",
        "merge 3: expected two tokens of the vocabulary that are one of it"
            + " together, found \"a b a\"");
  }

  private void refusedMerges(String merge, String expected) throws IOException {
    write("vocab.json", vocabulary());
    write("merges.txt", "#version: 0.2\na b\nab ab\n" + merge + "\n");
    assertEquals(
        folder.resolve("merges.txt") + ": " + expected,
        assertThrows(CheckpointException.class, () -> BpeTokenizer.read(folder)).getMessage());
  }

  @Test
  void refusesAVocabularyThatIsNone() throws IOException {
    write("merges.txt", MERGES);
    refusedVocabulary(
        vocabulary().replace("\"!\":33,", ""), "a token for each byte, also for 33, !");
    refusedVocabulary(
        vocabulary().replace("\"!\":33,", "\"!\":34,"), "an id of its own, not that of !");
    refusedVocabulary(vocabulary().replace("\"!\":33,", "\"!\":-1,"), "an id of 0 to 16777215");
  }

  private void refusedVocabulary(String json, String expected) throws IOException {
    write("vocab.json", json);
    String message =
        assertThrows(CheckpointException.class, () -> BpeTokenizer.read(folder)).getMessage();
    assertEquals(true, message.contains("expected " + expected), message);
    assertEquals(1, message.lines().count());
  }

  /** The merges of a long piece against joining the best neighbours one after the other. */
  @Test
  void joinsTheEarliestMergeFirst() throws IOException {
    write("vocab.json", vocabulary());
    write("merges.txt", MERGES);
    BpeTokenizer tokenizer = BpeTokenizer.read(folder);
    Random random = new Random(5);
    for (int length = 1; length < 60; length++) {
      StringBuilder text = new StringBuilder();
      random.ints(length, 'a', 'c').forEach(c -> text.append((char) c));
      assertArrayEquals(
          joined(text.toString()), tokenizer.tokenize(text.toString()), text::toString);
    }
  }

  private static int[] joined(String text) {
    List<Integer> tokens = new ArrayList<>(text.chars().boxed().toList());
    int[][] merges = {{97, 98, 256}, {256, 256, 257}, {98, 97, 258}};
    for (int rank = 0; rank < merges.length; ) {
      int[] merge = merges[rank];
      rank++;
      for (int i = 0; i + 1 < tokens.size(); i++) {
        if (tokens.get(i) == merge[0] && tokens.get(i + 1) == merge[1]) {
          tokens.set(i, merge[2]);
          tokens.remove(i + 1);
          rank = 0;
          break;
        }
      }
    }
    return tokens.stream().mapToInt(Integer::intValue).toArray();
  }

  /** White space is what Unicode calls so: the last of it before a word belongs to the word. */
  @Test
  void whiteSpaceIsNotAsciiAlone() {
    assertEquals(
        List.of("a", "\u3000", "\u3000b", "\u00a0\n", "\u2003c"),
        BpeTokenizer.pieces("a\u3000\u3000b\u00a0\n\u2003c"));
  }

  /** Only what is the system prompt to the byte is taken. */
  @Test
  void systemPromptsOfOthersAreRefused() throws IOException {
    SystemPrompt known =
        new SystemPrompt(3, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    write("system_prompt.txt", "abc");
    Path file = folder.resolve("system_prompt.txt");
    assertEquals("abc", known.read(file));
    String expected =
        file
            + ": expected the system prompt that the model was trained with, 3 bytes without a line"
            + " end behind them, SHA-256"
            + " ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad, found ";
    write("system_prompt.txt", "abc\n");
    assertEquals(
        expected + "4 bytes",
        assertThrows(CheckpointException.class, () -> known.read(file)).getMessage());
    write("system_prompt.txt", "abd");
    assertEquals(
        expected + "SHA-256 a52d159f262b2c6ddb724a61840befc36eb30c88877a4030b65cbe86298449c9",
        assertThrows(CheckpointException.class, () -> known.read(file)).getMessage());
  }

  /** Before and behind the prompt stand 40 and 24 bytes and two added tokens each. */
  @Test
  void messagesAreCutBehindAThousandTokens() throws IOException {
    write("vocab.json", vocabulary());
    write("merges.txt", MERGES);
    ChatTemplate template = new ChatTemplate(BpeTokenizer.read(folder), "S");
    int start = "system\nS\nuser\n".length() + 3;
    int end = "\nassistant\n".length() + 2;
    assertEquals(start, template.start());
    assertEquals(start + 1 + end, template.message("").ids().length);
    assertArrayEquals(template.message(" ").ids(), template.message("").ids());
    ChatTemplate.Message whole = template.message("c".repeat(1000 - end));
    assertEquals(start + 1000, whole.ids().length);
    assertEquals(Optional.empty(), whole.warning("prompt"));
    ChatTemplate.Message tight = template.message("c".repeat(1000));
    assertEquals(start + 1000, tight.ids().length);
    assertEquals('c', tight.ids()[start + 999]);
    assertEquals(Optional.empty(), tight.warning("prompt"));
    assertEquals(
        Optional.of("prompt: the last 4000 of 5000 tokens are ignored, at most 1000 are read"),
        template.message("c".repeat(5000)).warning("prompt"));
  }

  /** What the name of an added token in a prompt is taken for, as in the reference. */
  @Test
  void promptsMayEndTheirMessage() throws IOException {
    write("vocab.json", vocabulary());
    write("merges.txt", MERGES);
    ChatTemplate template = new ChatTemplate(BpeTokenizer.read(folder), "S");
    assertEquals(261, template.message("x<|im_end|>y").ids()[template.start() + 1]);
  }

  private static String vocabulary() {
    StringBuilder json = new StringBuilder("{");
    for (int b = 0; b < 256; b++) {
      char letter = ByteLetters.of(b);
      String name = letter == '"' || letter == '\\' ? "\\" + letter : Character.toString(letter);
      json.append('"').append(name).append("\":").append(b).append(',');
    }
    return json.append("\"ab\":256,\"abab\":257,\"ba\":258}").toString();
  }

  private void write(String name, String text) throws IOException {
    Files.writeString(folder.resolve(name), text);
  }
}
