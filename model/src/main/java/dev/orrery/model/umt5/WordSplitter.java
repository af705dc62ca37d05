package dev.orrery.model.umt5;

import dev.orrery.model.text.Whitespace;
import dev.orrery.runtime.checkpoint.JsonValue;
import java.util.ArrayList;
import java.util.List;

/** A step of {@code pre_tokenizer} in a {@code tokenizer.json}: cuts text into words. */
@FunctionalInterface
interface WordSplitter {
  /**
   * A part of a text.
   *
   * @param text never empty
   * @param first whether the whole text starts with it
   */
  record Part(String text, boolean first) {}

  void split(Part part, List<Part> words);

  /**
   * Reads a step, or a sequence of steps.
   *
   * @throws dev.orrery.runtime.checkpoint.CheckpointException naming a step that is not known or
   *     not valid
   */
  static WordSplitter of(JsonValue json) {
    return switch (json.string("type")) {
      case "Sequence" -> sequence(json.get("pretokenizers").asList());
      case "WhitespaceSplit" -> WordSplitter::atWhitespace;
      case "Metaspace" -> metaspace(json);
      default -> throw json.get("type").unexpected("Sequence, WhitespaceSplit or Metaspace");
    };
  }

  private static WordSplitter sequence(List<JsonValue> list) {
    List<WordSplitter> steps = list.stream().map(WordSplitter::of).toList();
    return (part, words) -> {
      List<Part> parts = List.of(part);
      for (WordSplitter step : steps) {
        List<Part> smaller = new ArrayList<>();
        for (Part each : parts) {
          step.split(each, smaller);
        }
        parts = smaller;
      }
      words.addAll(parts);
    };
  }

  private static void atWhitespace(Part part, List<Part> words) {
    String text = part.text();
    int from = Whitespace.skip(text, 0);
    while (from < text.length()) {
      int to = from;
      while (to < text.length() && !Whitespace.is(text.charAt(to))) {
        to++;
      }
      words.add(new Part(text.substring(from, to), part.first() && from == 0));
      from = Whitespace.skip(text, to);
    }
  }

  /** Spaces become a visible mark, which starts every word. */
  private static WordSplitter metaspace(JsonValue json) {
    String mark = json.string("replacement");
    if (mark.codePointCount(0, mark.length()) != 1) {
      throw json.get("replacement").unexpected("one character");
    }
    boolean split = json.bool("split", true);
    // Older files say with a boolean whether a mark is put in front.
    String scheme =
        json.string("prepend_scheme", json.bool("add_prefix_space", true) ? "always" : "never");
    if (!List.of("always", "first", "never").contains(scheme)) {
      throw json.get("prepend_scheme").unexpected("always, first or never");
    }
    return (part, words) -> {
      String text = part.text().replace(" ", mark);
      boolean prepend = scheme.equals("always") || scheme.equals("first") && part.first();
      if (prepend && !text.startsWith(mark)) {
        text = mark + text;
      }
      int from = 0;
      for (int to = 1; split && to < text.length(); to++) {
        if (text.startsWith(mark, to)) {
          words.add(new Part(text.substring(from, to), part.first() && from == 0));
          from = to;
        }
      }
      words.add(new Part(text.substring(from), part.first() && from == 0));
    };
  }
}
