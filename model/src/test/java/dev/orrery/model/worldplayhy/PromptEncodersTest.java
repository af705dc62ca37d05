package dev.orrery.model.worldplayhy;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.backend.PlanningBackend;
import dev.orrery.model.session.Progress;
import dev.orrery.model.session.UnusableStartException;
import dev.orrery.model.text.EncodedPrompt;
import dev.orrery.runtime.checkpoint.CheckpointException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PromptEncodersTest {
  /** Tokens behind a prompt: two added ones and three words of bytes. */
  private static final int END = "\nassistant\n".length() + 2;

  private static final String ELSEWHERE =
      "; without it, take a prompt that encode-prompt made where there is one";

  @TempDir private Path folder;

  @Test
  void promptsHaveTheRowsOfTheirTokens() {
    TinyPromptFolder model = new TinyPromptFolder(folder);
    EncodedPrompt plain = encode(model, "ab castle", Optional.empty());
    assertEquals(Set.of("text"), plain.tensors().keySet());
    assertArrayEquals(
        new long[] {8 + END, TinyPromptFolder.TEXT}, plain.tensor("text").shape().extents());
    assertEquals(Optional.empty(), plain.warning());
    EncodedPrompt signed = encode(model, "ab \"OPEN\" and \"OPEN\"", Optional.empty());
    assertEquals(Set.of("text", "glyph"), signed.tensors().keySet());
    assertArrayEquals(
        new long[] {"Text \"OPEN\". ".length() + 1, TinyPromptFolder.GLYPHS},
        signed.tensor("glyph").shape().extents());
  }

  /** The rows of a prompt say what was said before, and nothing of a second prompt. */
  @Test
  void negativePromptsQuoteNothing() {
    TinyPromptFolder model = new TinyPromptFolder(folder);
    EncodedPrompt both = encode(model, "a lake", Optional.of("a \"sign\""));
    assertEquals(Set.of("text", "negative.text"), both.tensors().keySet());
    assertArrayEquals(
        encode(model, "a \"sign\"", Optional.empty()).tensor("text").toFloats(),
        both.tensor("negative.text").toFloats());
    assertArrayEquals(
        encode(model, "a lake", Optional.empty()).tensor("text").toFloats(),
        both.tensor("text").toFloats());
    assertArrayEquals(
        encode(model, "x", Optional.of(" ")).tensor("negative.text").toFloats(),
        encode(model, "x", Optional.of("")).tensor("negative.text").toFloats());
  }

  @Test
  void tellsHowFarItIs() {
    TinyPromptFolder model = new TinyPromptFolder(folder);
    List<String> reports = new ArrayList<>();
    try (CpuBackend backend = CpuBackend.simd(1)) {
      model
          .encoders()
          .encode(
              "a",
              Optional.of("b"),
              backend,
              (stage, done, total) -> reports.add(stage + " " + done + "/" + total));
    }
    assertEquals(
        List.of("encoding the prompt 0/2", "encoding the prompt 1/2", "encoding the prompt 2/2"),
        reports);
  }

  @Test
  void warnsOfWhatIsNotRead() {
    TinyPromptFolder model = new TinyPromptFolder(folder);
    EncodedPrompt longOne = encode(model, "c".repeat(5000), Optional.empty());
    assertEquals(1000, longOne.tensor("text").size(0));
    assertEquals(
        Optional.of("prompt: the last 4000 of 5000 tokens are ignored, at most 1000 are read"),
        longOne.warning());
    EncodedPrompt quoting = encode(model, "\"" + "c".repeat(300) + "\" \"", Optional.empty());
    assertEquals(256, quoting.tensor("glyph").size(0));
    assertEquals(
        Optional.of(
            "prompt: the quotation mark at line 1, column 304 has no other one on its line; what"
                + " follows it is not taken as quoted; quoted text: the last 54 of 309 tokens are"
                + " ignored, at most 255 are read"),
        quoting.warning());
  }

  @Test
  void promptsOfOtherEncodersAreRefused() {
    TinyPromptFolder model = new TinyPromptFolder(folder);
    EncodedPrompt plain = saved(encode(model, "a lake", Optional.empty()));
    EncodedPrompt quoting = saved(encode(model, "a \"sign\"", Optional.empty()));
    Path file = folder.resolve("saved.safetensors");
    model.encoders().requireMadeHere(plain, file);
    model.encoders().requireMadeHere(quoting, file);
    model.retrain("glyph encoder");
    model.encoders().requireMadeHere(plain, file);
    refused(model, quoting, file);
    model.retrain("text encoder");
    refused(model, plain, file);
    model = new TinyPromptFolder(folder);
    model.write("tokenizer/merges.txt", "#version: 0.2\n");
    refused(model, plain, file);
    model = new TinyPromptFolder(folder);
    model.write(
        "config.json", "{\"system_prompt\":{\"bytes\":8,\"sha256\":\"" + "0".repeat(64) + "\"}}");
    refused(model, plain, file);
  }

  private static void refused(TinyPromptFolder model, EncodedPrompt prompt, Path file) {
    String message =
        assertThrows(
                CheckpointException.class, () -> model.encoders().requireMadeHere(prompt, file))
            .getMessage();
    assertTrue(message.startsWith(file + ": expected a prompt encoded by text "), message);
    assertTrue(message.endsWith(", found one by " + prompt.encoder()), message);
  }

  private EncodedPrompt saved(EncodedPrompt prompt) {
    Path file = folder.resolve("saved.safetensors");
    prompt.save(file);
    return EncodedPrompt.load(file);
  }

  /** What quoted text was encoded by cannot be known without the encoder; the rest can. */
  @Test
  void missingGlyphEncodersAreAskedForWhenTextIsQuoted() throws IOException {
    TinyPromptFolder model = new TinyPromptFolder(folder);
    EncodedPrompt quoting = encode(model, "a \"sign\"", Optional.empty());
    Files.delete(folder.resolve("glyph_encoder/model.safetensors"));
    Files.delete(folder.resolve("glyph_encoder/config.json"));
    Files.delete(folder.resolve("glyph_encoder"));
    Path file = folder.resolve("saved.safetensors");
    model.encoders().requireMadeHere(quoting, file);
    encode(model, "a lake", Optional.empty());
    assertEquals(
        folder + ": expected glyph_encoder to read what the prompt quotes, found none" + ELSEWHERE,
        assertThrows(CheckpointException.class, () -> encode(model, "a \"b\"", Optional.empty()))
            .getMessage());
  }

  @Test
  void missingPartsOfTheTextEncoderAreAskedFor() throws IOException {
    TinyPromptFolder model = new TinyPromptFolder(folder);
    assertTrue(model.encoders().isComplete());
    model.write("system_prompt.txt", "Tell it.\n");
    String known =
        "the system prompt that the model was trained with, 8 bytes without a line end behind them,"
            + " SHA-256 ";
    String wrong = failure(model);
    assertTrue(
        wrong.startsWith(folder.resolve("system_prompt.txt") + ": expected " + known), wrong);
    assertTrue(wrong.endsWith(", found 9 bytes"), wrong);
    Files.delete(folder.resolve("system_prompt.txt"));
    assertFalse(model.encoders().isComplete());
    String missing = failure(model);
    assertTrue(missing.startsWith(folder + ": expected system_prompt.txt, " + known), missing);
    assertTrue(missing.endsWith(", to encode the prompt with, found none" + ELSEWHERE), missing);
    PromptEncoders none = new PromptEncoders(folder.resolve("none"), 16, 12);
    assertFalse(none.isComplete());
    assertEquals(
        folder.resolve("none")
            + ": expected text_encoder to encode the prompt with, found none"
            + ELSEWHERE,
        assertThrows(
                CheckpointException.class, () -> none.encode("a", Optional.empty(), null, null))
            .getMessage());
  }

  @Test
  void encodersOfOtherSizesAreRefused() {
    TinyPromptFolder model = new TinyPromptFolder(folder);
    assertEquals(
        folder.resolve("text_encoder/config.json")
            + ": expected an encoder of 3584 channels, as the transformer takes them, found 18",
        assertThrows(
                CheckpointException.class, () -> new PromptEncoders(folder, 3584, 12).networks())
            .getMessage());
    model.write(
        "tokenizer/vocab.json",
        "{\"far\":300," + vocabularyOf(folder.resolve("tokenizer/vocab.json")).substring(1));
    assertEquals(
        folder.resolve("tokenizer") + ": expected at most 280 tokens as the encoder has, found 323",
        failure(model));
  }

  private static String vocabularyOf(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void halvesOfCharactersAreRefused() {
    TinyPromptFolder model = new TinyPromptFolder(folder);
    assertEquals(
        "prompt: expected characters, found half of one, U+D83D, at line 1, column 3",
        assertThrows(
                UnusableStartException.class, () -> encode(model, "a \ud83d", Optional.empty()))
            .getMessage());
    assertEquals(
        "prompt: expected characters, found half of one, U+DE00, at line 1, column 1",
        assertThrows(UnusableStartException.class, () -> encode(model, "a", Optional.of("\ude00")))
            .getMessage());
    encode(model, "\ud83d\ude00", Optional.empty());
  }

  /** The larger of the two; all of the glyph encoder, of the text encoder one layer. */
  @Test
  void plansWhatEncodingTakes() {
    TinyPromptFolder model = new TinyPromptFolder(folder);
    try (PlanningBackend plan = PlanningBackend.cpu()) {
      assertTrue(model.encoders().plannedBytes(plan) > 1000 * 24 * 4);
    }
  }

  private String failure(TinyPromptFolder model) {
    return assertThrows(CheckpointException.class, () -> encode(model, "a", Optional.empty()))
        .getMessage();
  }

  private static EncodedPrompt encode(
      TinyPromptFolder model, String prompt, Optional<String> negative) {
    try (CpuBackend backend = CpuBackend.simd(2)) {
      return model.encoders().encode(prompt, negative, backend, Progress.NONE);
    }
  }
}
