package dev.orrery.model.umt5;

import dev.orrery.model.text.AddedTokens;
import dev.orrery.model.text.Tokens;
import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.runtime.checkpoint.JsonValue;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A SentencePiece unigram tokenizer as {@code tokenizer.json} describes it.
 *
 * <pre>
 * text ─ added tokens ─ normalizer ─ pre_tokenizer ─ model ─ tokens ─ end token
 * </pre>
 *
 * <p>Source: the file format of Hugging Face's tokenizers.
 */
public final class UnigramTokenizer {
  private static final String END = "</s>";
  private static final String PADDING = "<pad>";

  private final TextNormalizer normalizer;
  private final AddedTokens added;
  private final AddedTokens addedNormalized;
  private final WordSplitter splitter;
  private final UnigramModel model;
  private final int end;
  private final int padding;

  private UnigramTokenizer(JsonValue json) {
    model = UnigramModel.of(json.get("model"));
    normalizer = json.has("normalizer") ? TextNormalizer.of(json.get("normalizer")) : text -> text;
    List<JsonValue> tokens =
        json.has("added_tokens") ? json.get("added_tokens").asList() : List.of();
    added = AddedTokens.of(tokens, false, normalizer::apply);
    addedNormalized = AddedTokens.of(tokens, true, normalizer::apply);
    splitter =
        json.has("pre_tokenizer")
            ? WordSplitter.of(json.get("pre_tokenizer"))
            : (part, words) -> words.add(part);
    end = special(json, tokens, END);
    padding = special(json, tokens, PADDING);
    if (json.has("post_processor")) {
      checkEnd(json.get("post_processor"));
    }
  }

  /**
   * Reads a {@code tokenizer.json}.
   *
   * @throws CheckpointException if it cannot be read, or naming the place of what is not valid or
   *     not known
   */
  public static UnigramTokenizer read(Path file) {
    return of(JsonValue.read(file));
  }

  /** The same from a parsed document. */
  public static UnigramTokenizer of(JsonValue json) {
    return new UnigramTokenizer(json);
  }

  /** Every id is below this number. */
  public int vocabulary() {
    return model.size();
  }

  /**
   * The tokens of a text, the end token last.
   *
   * @param limit the most tokens, the end token counted; what is beyond is dropped
   */
  public Tokens tokenize(String text, int limit) {
    if (limit < 1) {
      throw new IllegalArgumentException("limit: expected 1 or more, found " + limit);
    }
    IntStream.Builder found = IntStream.builder();
    for (AddedTokens.Part part : added.split(text, true)) {
      if (part.token() >= 0) {
        found.add(part.token());
      } else {
        normalized(normalizer.apply(part.text()), part.first(), found);
      }
    }
    int[] all = found.build().toArray();
    int kept = Math.min(all.length, limit - 1);
    int[] ids = new int[kept + 1];
    System.arraycopy(all, 0, ids, 0, kept);
    ids[kept] = end;
    return new Tokens(ids, all.length - kept, limit, padding);
  }

  private void normalized(String text, boolean first, IntStream.Builder found) {
    for (AddedTokens.Part part : addedNormalized.split(text, first)) {
      if (part.token() >= 0) {
        found.add(part.token());
        continue;
      }
      List<WordSplitter.Part> words = new ArrayList<>();
      splitter.split(new WordSplitter.Part(part.text(), part.first()), words);
      for (WordSplitter.Part word : words) {
        model.tokenize(word.text(), found::add);
      }
    }
  }

  /** The id of a token that every text needs. */
  private int special(JsonValue json, List<JsonValue> tokens, String content) {
    for (JsonValue token : tokens) {
      if (token.string("content").equals(content)) {
        return token.integer("id");
      }
    }
    Integer id = model.id(content);
    if (id == null) {
      throw new CheckpointException(
          json.source(),
          "expected " + content + " in added_tokens or in model.vocab, found neither");
    }
    return id;
  }

  /** Requires that a text is ended by the end token and by nothing else. */
  private static void checkEnd(JsonValue processor) {
    if (!processor.string("type").equals("TemplateProcessing")) {
      throw processor.get("type").unexpected("TemplateProcessing");
    }
    List<JsonValue> single = processor.get("single").asList();
    boolean fits =
        single.size() == 2
            && single.get(0).has("Sequence")
            && single.get(1).has("SpecialToken")
            && single.get(1).get("SpecialToken").string("id").equals(END);
    if (!fits) {
      throw processor.get("single").unexpected("the text and " + END);
    }
  }
}
