package dev.orrery.model.umt5;

import dev.orrery.runtime.checkpoint.JsonValue;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.IntConsumer;

/**
 * A vocabulary of pieces with log probabilities. A word is cut into the pieces whose sum is
 * largest; a character that no piece fits becomes its UTF-8 bytes, or the unknown token.
 *
 * <p>Source: Kudo, Subword Regularization, section 3.1 (the best segmentation, by Viterbi); what is
 * unknown and how ties are broken as in Hugging Face's tokenizers.
 */
final class UnigramModel {
  /** Longest piece in UTF-16 units; bounds the work on a character of a prompt. */
  private static final int MAX_PIECE = 256;

  /** How much an unknown character costs more than the least likely piece. */
  private static final double UNKNOWN_PENALTY = 10;

  private static final int BYTES = 256;

  private final Map<String, Integer> ids = new HashMap<>();
  private final double[] scores;
  private final int unknown;
  private final double unknownScore;
  private final int[] byteIds;
  private final int longest;

  private UnigramModel(JsonValue json) {
    List<JsonValue> vocabulary = json.get("vocab").asList();
    scores = new double[vocabulary.size()];
    int length = 0;
    double least = Double.POSITIVE_INFINITY;
    for (int id = 0; id < scores.length; id++) {
      List<JsonValue> entry = vocabulary.get(id).asList();
      if (entry.size() != 2) {
        throw vocabulary.get(id).unexpected("a piece and its score");
      }
      String piece = entry.get(0).asString();
      if (piece.isEmpty() || piece.length() > MAX_PIECE) {
        throw entry.get(0).unexpected("a piece of 1 to " + MAX_PIECE + " characters");
      }
      scores[id] = entry.get(1).asDouble();
      least = Math.min(least, scores[id]);
      length = Math.max(length, piece.length());
      ids.put(piece, id);
    }
    unknown = json.integer("unk_id");
    if (unknown < 0 || unknown >= scores.length) {
      throw json.get("unk_id").unexpected("an entry of vocab, which has " + scores.length);
    }
    longest = length;
    unknownScore = least - UNKNOWN_PENALTY;
    byteIds = json.bool("byte_fallback", false) ? byteIds() : null;
  }

  /**
   * Reads {@code model}.
   *
   * @throws dev.orrery.runtime.checkpoint.CheckpointException naming what is not valid
   */
  static UnigramModel of(JsonValue json) {
    String type = json.string("type", "Unigram");
    if (!type.equals("Unigram")) {
      throw json.get("type").unexpected("Unigram");
    }
    return new UnigramModel(json);
  }

  /** Number of pieces. */
  int size() {
    return scores.length;
  }

  /** The id of a piece, or null. */
  Integer id(String piece) {
    return ids.get(piece);
  }

  /** The tokens of a word. */
  void tokenize(String word, IntConsumer tokens) {
    int[] starts = new int[word.length() + 1];
    int[] pieces = new int[word.length() + 1];
    best(word, starts, pieces);
    // Turned around: ends of the pieces in the order of the word.
    int[] next = new int[word.length() + 1];
    for (int end = word.length(); end > 0; end = starts[end]) {
      next[starts[end]] = end;
    }
    int from = 0;
    while (from < word.length()) {
      int to = next[from];
      if (pieces[to] != unknown) {
        tokens.accept(pieces[to]);
      } else {
        // Unknown characters side by side are one unknown piece.
        while (to < word.length() && pieces[next[to]] == unknown) {
          to = next[to];
        }
        unknown(word.substring(from, to), tokens);
      }
      from = to;
    }
  }

  /**
   * The best way to every place in a word.
   *
   * @param starts for every place: where the last piece before it starts
   * @param pieces for every place: the last piece before it
   */
  private void best(String word, int[] starts, int[] pieces) {
    double[] sums = new double[word.length() + 1];
    Arrays.fill(sums, 1, sums.length, Double.NEGATIVE_INFINITY);
    for (int from = 0; from < word.length(); from = word.offsetByCodePoints(from, 1)) {
      int character = word.offsetByCodePoints(from, 1);
      boolean known = false;
      int last = Math.min(word.length(), from + longest);
      for (int to = character; to <= last; to++) {
        Integer id = ids.get(word.substring(from, to));
        if (id != null) {
          known |= to == character;
          offer(from, to, id, sums[from] + scores[id], sums, starts, pieces);
        }
      }
      if (!known) {
        offer(from, character, unknown, sums[from] + unknownScore, sums, starts, pieces);
      }
    }
  }

  private static void offer(
      int from, int to, int id, double sum, double[] sums, int[] starts, int[] pieces) {
    if (sum > sums[to]) {
      sums[to] = sum;
      starts[to] = from;
      pieces[to] = id;
    }
  }

  private void unknown(String text, IntConsumer tokens) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    // A text is written in bytes as a whole or not at all.
    boolean complete = byteIds != null;
    for (int i = 0; complete && i < utf8.length; i++) {
      complete = byteIds[utf8[i] & 0xFF] >= 0;
    }
    if (!complete) {
      tokens.accept(unknown);
      return;
    }
    for (byte b : utf8) {
      tokens.accept(byteIds[b & 0xFF]);
    }
  }

  /** The pieces {@code <0x00>} to {@code <0xFF>}; negative where there is none. */
  private int[] byteIds() {
    int[] found = new int[BYTES];
    for (int value = 0; value < BYTES; value++) {
      found[value] = ids.getOrDefault(String.format(Locale.ROOT, "<0x%02X>", value), -1);
    }
    return found;
  }
}
