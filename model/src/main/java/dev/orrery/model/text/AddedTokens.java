package dev.orrery.model.text;

import dev.orrery.runtime.checkpoint.JsonValue;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * Tokens such as {@code </s>} that are found in a text before it is cut into words. Of several that
 * start at the same place, the longest is taken.
 */
public final class AddedTokens {
  /**
   * A token.
   *
   * @param left whether whitespace before it belongs to it
   * @param right whether whitespace behind it belongs to it
   */
  private record Added(int id, String content, boolean left, boolean right) {}

  /**
   * A part of a text.
   *
   * @param token the token that it is, or negative
   */
  public record Part(int token, String text, boolean first) {}

  private final List<Added> tokens;

  private AddedTokens(List<Added> tokens) {
    this.tokens = tokens;
  }

  /**
   * Reads the tokens that are to be found in text as it is, or in normalized text.
   *
   * @param list {@code added_tokens}
   * @param normalizer what the tokens to be found in normalized text are normalized with
   */
  public static AddedTokens of(
      List<JsonValue> list, boolean normalized, UnaryOperator<String> normalizer) {
    List<Added> tokens = new ArrayList<>();
    for (JsonValue json : list) {
      String content = json.string("content");
      int id = json.integer("id");
      if (content.isEmpty()) {
        throw json.get("content").unexpected("a text");
      }
      if (id < 0) {
        throw json.get("id").unexpected("zero or more");
      }
      if (json.bool("single_word", false)) {
        throw json.get("single_word").unexpected("false");
      }
      if (json.bool("normalized", false) == normalized) {
        String found = normalized ? normalizer.apply(content) : content;
        if (!found.isEmpty()) {
          tokens.add(new Added(id, found, json.bool("lstrip", false), json.bool("rstrip", false)));
        }
      }
    }
    return longestFirst(tokens);
  }

  /** Tokens by their text, which are found in text as it is. */
  public static AddedTokens of(Map<String, Integer> ids) {
    List<Added> tokens = new ArrayList<>();
    ids.forEach((content, id) -> tokens.add(new Added(id, content, false, false)));
    return longestFirst(tokens);
  }

  private static AddedTokens longestFirst(List<Added> tokens) {
    // Stable, so that of two with the same content the first is taken.
    tokens.sort(Comparator.comparingInt((Added token) -> token.content().length()).reversed());
    return new AddedTokens(tokens);
  }

  /** Cuts a text into these tokens and what lies between them; no part is empty. */
  public List<Part> split(String text, boolean first) {
    List<Part> parts = new ArrayList<>();
    int from = 0;
    int at = 0;
    while (at < text.length()) {
      Added token = at(text, at);
      if (token == null) {
        at++;
        continue;
      }
      int start = token.left() ? Math.max(from, Whitespace.back(text, at)) : at;
      int end = at + token.content().length();
      end = token.right() ? Whitespace.skip(text, end) : end;
      if (from < start) {
        parts.add(new Part(-1, text.substring(from, start), first && from == 0));
      }
      parts.add(new Part(token.id(), text.substring(start, end), first && start == 0));
      from = end;
      at = end;
    }
    if (from < text.length()) {
      parts.add(new Part(-1, text.substring(from), first && from == 0));
    }
    return parts;
  }

  private Added at(String text, int index) {
    for (Added token : tokens) {
      if (text.startsWith(token.content(), index)) {
        return token;
      }
    }
    return null;
  }
}
