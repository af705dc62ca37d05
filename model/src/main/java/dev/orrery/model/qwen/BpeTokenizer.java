package dev.orrery.model.qwen;

import dev.orrery.model.text.AddedTokens;
import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.runtime.checkpoint.JsonValue;
import dev.orrery.runtime.files.NotTextException;
import dev.orrery.runtime.files.TextFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * The byte-level tokenizer of Qwen2 and its descendants. Nothing stands before or behind the tokens
 * of a text.
 *
 * <pre>
 * text ─ added tokens ─ NFC ─ pieces ─ byte pair encoding ─ tokens
 * </pre>
 *
 * <p>Source: {@code Qwen2Tokenizer} of Hugging Face transformers.
 */
public final class BpeTokenizer {
  private static final String VOCABULARY = "vocab.json";
  private static final String MERGES = "merges.txt";
  private static final String COMPLETE = "tokenizer.json";
  private static final int MOST_BYTES = 64 << 20;

  /**
   * Words with a blank or another sign before them, single digits, runs of signs, line ends, white
   * space but for the last of it before a word. What is white space is Unicode's question, not
   * ASCII's.
   */
  static final Pattern PIECES =
      Pattern.compile(
          "(?iu:'s|'t|'re|'ve|'m|'ll|'d)"
              + "|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+"
              + "|\\p{N}"
              + "| ?[^\\p{IsWhite_Space}\\p{L}\\p{N}]+[\\r\\n]*"
              + "|\\p{IsWhite_Space}*[\\r\\n]+"
              + "|\\p{IsWhite_Space}+(?!\\P{IsWhite_Space})"
              + "|\\p{IsWhite_Space}+");

  /** Tokens that the vocabularies of Qwen2.5 do not list, whose ids follow those that they do. */
  private static final List<String> ADDED =
      List.of(
          "<|endoftext|>",
          "<|im_start|>",
          "<|im_end|>",
          "<|object_ref_start|>",
          "<|object_ref_end|>",
          "<|box_start|>",
          "<|box_end|>",
          "<|quad_start|>",
          "<|quad_end|>",
          "<|vision_start|>",
          "<|vision_end|>",
          "<|vision_pad|>",
          "<|image_pad|>",
          "<|video_pad|>",
          "<tool_call>",
          "</tool_call>",
          "<|fim_prefix|>",
          "<|fim_middle|>",
          "<|fim_suffix|>",
          "<|fim_pad|>",
          "<|repo_name|>",
          "<|file_sep|>");

  private final BpeModel model;
  private final AddedTokens added;
  private final int vocabulary;

  BpeTokenizer(BpeModel model, Map<String, Integer> added) {
    this.model = model;
    this.added = AddedTokens.of(added);
    int last = added.values().stream().mapToInt(Integer::intValue).max().orElse(-1);
    vocabulary = Math.max(model.size(), last + 1);
  }

  /**
   * Reads the tokenizer of a folder: {@code vocab.json} and {@code merges.txt}, else {@code
   * tokenizer.json}.
   *
   * @throws CheckpointException if there is neither, or naming what is not valid or does not fit
   */
  public static BpeTokenizer read(Path folder) {
    List<Path> files = files(folder);
    if (files.size() == 1) {
      return complete(JsonValue.read(files.getFirst()));
    }
    BpeModel model =
        BpeModel.of(JsonValue.read(files.get(0)), merges(files.get(1)), files.get(1).toString());
    Map<String, Integer> added = new LinkedHashMap<>();
    ADDED.forEach(token -> added.put(token, model.size() + added.size()));
    return new BpeTokenizer(model, added);
  }

  /**
   * The files that {@link #read} reads.
   *
   * @throws CheckpointException if they are not there
   */
  public static List<Path> files(Path folder) {
    Path vocabulary = folder.resolve(VOCABULARY);
    Path merges = folder.resolve(MERGES);
    Path complete = folder.resolve(COMPLETE);
    if (Files.exists(vocabulary) && Files.exists(merges)) {
      return List.of(vocabulary, merges);
    }
    if (Files.exists(complete)) {
      return List.of(complete);
    }
    throw new CheckpointException(
        folder.toString(),
        "expected " + VOCABULARY + " and " + MERGES + ", or " + COMPLETE + ", found neither");
  }

  private static List<String> merges(Path file) {
    try {
      List<String> lines = new ArrayList<>(List.of(TextFile.read(file, MOST_BYTES).split("\n")));
      if (lines.getFirst().startsWith("#version")) {
        lines.removeFirst();
      }
      return lines;
    } catch (NotTextException e) {
      throw new CheckpointException(file.toString(), e.getMessage(), e);
    } catch (IOException e) {
      throw CheckpointException.cannotRead(file, e);
    }
  }

  private static BpeTokenizer complete(JsonValue json) {
    JsonValue model = json.get("model");
    if (!model.string("type").equals("BPE")) {
      throw model.get("type").unexpected("BPE");
    }
    List<String> merges = model.get("merges").asList().stream().map(BpeTokenizer::merge).toList();
    Map<String, Integer> added = new LinkedHashMap<>();
    for (JsonValue token : json.get("added_tokens").asList()) {
      String content = token.string("content");
      int id = token.integer("id");
      if (content.isEmpty() || id < 0) {
        throw token.unexpected("a token with a text and an id");
      }
      added.put(content, id);
    }
    return new BpeTokenizer(BpeModel.of(model.get("vocab"), merges, json.source()), added);
  }

  /** A merge is stored as a text, or by newer tools as two of them. */
  private static String merge(JsonValue json) {
    try {
      return json.asString();
    } catch (CheckpointException e) {
      return String.join(" ", json.asList().stream().map(JsonValue::asString).toList());
    }
  }

  /** Every id is below this number. */
  public int vocabulary() {
    return vocabulary;
  }

  /** The tokens of a text; the names of added tokens in it are these tokens. */
  public int[] tokenize(String text) {
    IntStream.Builder found = IntStream.builder();
    for (AddedTokens.Part part : added.split(text, true)) {
      if (part.token() >= 0) {
        found.add(part.token());
      } else {
        pieces(part.text()).forEach(piece -> model.tokenize(piece, found::add));
      }
    }
    return found.build().toArray();
  }

  /** The pieces of a text without added tokens, which are tokenized one by one. */
  static List<String> pieces(String text) {
    List<String> pieces = new ArrayList<>();
    Matcher matcher = PIECES.matcher(Normalizer.normalize(text, Normalizer.Form.NFC));
    while (matcher.find()) {
      pieces.add(matcher.group());
    }
    return pieces;
  }
}
