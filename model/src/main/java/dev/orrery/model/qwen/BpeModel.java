package dev.orrery.model.qwen;

import dev.orrery.model.text.SourceText;
import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.runtime.checkpoint.JsonValue;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.function.IntConsumer;

/**
 * Byte pair encoding of pieces of text: a piece starts as the tokens of its bytes, and of all
 * neighbours that a merge makes one token, those of the earliest merge are joined, the leftmost
 * first, until none are left.
 *
 * <p>Source: Sennrich et al., Neural machine translation of rare words with subword units; bytes as
 * in GPT-2.
 */
final class BpeModel {
  /** Sizes beyond this are no vocabulary but a mistake. */
  private static final int MOST_TOKENS = 1 << 24;

  /** What a merge makes of two neighbours. */
  private record Merge(int rank, int token) {}

  /** Neighbours that could be joined: where, which merge, and the tokens that it is about. */
  private record Candidate(Merge merge, int at, int left, int right) {}

  private final int size;
  private final int[] tokenOfByte = new int[256];
  private final Map<Long, Merge> merges;

  private BpeModel(int size, Map<Long, Merge> merges) {
    this.size = size;
    this.merges = merges;
  }

  /**
   * Makes a model.
   *
   * @param vocabulary tokens in {@link ByteLetters}, and their ids
   * @param merges two tokens separated by a space each, the first merge first
   * @param source how messages name where the merges come from
   * @throws CheckpointException if an id is taken twice or negative, a byte has no token, or a
   *     merge is of tokens, or makes one, that the vocabulary lacks
   */
  static BpeModel of(JsonValue vocabulary, List<String> merges, String source) {
    Map<String, Integer> ids = ids(vocabulary);
    int size = 1 + ids.values().stream().mapToInt(Integer::intValue).max().orElse(-1);
    BpeModel model = new BpeModel(size, HashMap.newHashMap(merges.size()));
    for (int b = 0; b < 256; b++) {
      String letter = Character.toString(ByteLetters.of(b));
      Integer id = ids.get(letter);
      if (id == null) {
        throw vocabulary.unexpected("a token for each byte, also for " + b + ", " + letter);
      }
      model.tokenOfByte[b] = id;
    }
    for (int rank = 0; rank < merges.size(); rank++) {
      model.add(merges.get(rank), rank, ids, source);
    }
    return model;
  }

  private static Map<String, Integer> ids(JsonValue vocabulary) {
    Map<String, Integer> ids = HashMap.newHashMap(vocabulary.keys().size());
    Map<Integer, String> tokens = HashMap.newHashMap(vocabulary.keys().size());
    for (String token : vocabulary.keys()) {
      int id = vocabulary.integer(token);
      if (id < 0 || id >= MOST_TOKENS) {
        throw vocabulary.get(token).unexpected("an id of 0 to " + (MOST_TOKENS - 1));
      }
      String other = tokens.put(id, token);
      if (other != null) {
        throw vocabulary.get(token).unexpected("an id of its own, not that of " + other);
      }
      ids.put(token, id);
    }
    return ids;
  }

  private void add(String merge, int rank, Map<String, Integer> ids, String source) {
    int space = merge.indexOf(' ');
    boolean pair = space > 0 && space == merge.lastIndexOf(' ') && space < merge.length() - 1;
    Integer left = pair ? ids.get(merge.substring(0, space)) : null;
    Integer right = pair ? ids.get(merge.substring(space + 1)) : null;
    Integer joined = pair ? ids.get(merge.replace(" ", "")) : null;
    if (left == null || right == null || joined == null) {
      throw new CheckpointException(
          source,
          "merge "
              + (rank + 1)
              + ": expected two tokens of the vocabulary that are one of it together, found "
              + SourceText.quoted(merge));
    }
    // Of two of the same tokens the earlier one decides.
    merges.putIfAbsent(key(left, right), new Merge(rank, joined));
  }

  /** Every id is below this number. */
  int size() {
    return size;
  }

  /** Finds the tokens of a piece of text. */
  void tokenize(String piece, IntConsumer found) {
    byte[] bytes = piece.getBytes(StandardCharsets.UTF_8);
    int[] tokens = new int[bytes.length];
    int[] next = new int[bytes.length];
    int[] previous = new int[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      tokens[i] = tokenOfByte[Byte.toUnsignedInt(bytes[i])];
      next[i] = i + 1;
      previous[i] = i - 1;
    }
    PriorityQueue<Candidate> candidates =
        new PriorityQueue<>(
            Comparator.comparingInt((Candidate c) -> c.merge().rank())
                .thenComparingInt(Candidate::at));
    for (int i = 0; i < bytes.length; i++) {
      consider(tokens, next, i, candidates);
    }
    while (!candidates.isEmpty()) {
      Candidate best = candidates.poll();
      int at = best.at();
      int second = next[at];
      boolean stale =
          tokens[at] != best.left() || second >= tokens.length || tokens[second] != best.right();
      if (stale) {
        continue;
      }
      tokens[at] = best.merge().token();
      tokens[second] = -1;
      next[at] = next[second];
      if (next[at] < tokens.length) {
        previous[next[at]] = at;
      }
      consider(tokens, next, at, candidates);
      consider(tokens, next, previous[at], candidates);
    }
    Arrays.stream(tokens).filter(token -> token >= 0).forEach(found);
  }

  /** Adds what is at an index and its right neighbour, if a merge joins them. */
  private void consider(int[] tokens, int[] next, int at, PriorityQueue<Candidate> candidates) {
    if (at < 0 || next[at] >= tokens.length) {
      return;
    }
    int left = tokens[at];
    int right = tokens[next[at]];
    Merge merge = merges.get(key(left, right));
    if (merge != null) {
      candidates.add(new Candidate(merge, at, left, right));
    }
  }

  private static long key(int left, int right) {
    return (long) left << 32 | right;
  }
}
