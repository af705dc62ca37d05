package dev.orrery.model.umt5;

import dev.orrery.model.text.Whitespace;
import dev.orrery.runtime.checkpoint.JsonValue;
import java.text.Normalizer;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** A step of {@code normalizer} in a {@code tokenizer.json}: text to text. */
@FunctionalInterface
interface TextNormalizer {
  String apply(String text);

  /**
   * Reads a step, or a sequence of steps.
   *
   * @throws dev.orrery.runtime.checkpoint.CheckpointException naming a step that is not known or
   *     not valid
   */
  static TextNormalizer of(JsonValue json) {
    return switch (json.string("type")) {
      case "Sequence" -> sequence(json.get("normalizers").asList());
      case "Precompiled" -> PrecompiledCharsmap.of(json.get("precompiled_charsmap"))::normalize;
      case "Replace" -> replace(json);
      case "Strip" -> strip(json.bool("strip_left"), json.bool("strip_right"));
      case "Prepend" -> prepend(json.string("prepend"));
      case "Lowercase" -> TextNormalizer::lowerCase;
      case "NFC" -> text -> Normalizer.normalize(text, Normalizer.Form.NFC);
      case "NFD" -> text -> Normalizer.normalize(text, Normalizer.Form.NFD);
      case "NFKC" -> text -> Normalizer.normalize(text, Normalizer.Form.NFKC);
      case "NFKD" -> text -> Normalizer.normalize(text, Normalizer.Form.NFKD);
      default ->
          throw json.get("type")
              .unexpected(
                  "Sequence, Precompiled, Replace, Strip, Prepend, Lowercase, NFC, NFD, NFKC or"
                      + " NFKD");
    };
  }

  /** Every character by itself: a sigma at the end of a word is one like any other. */
  private static String lowerCase(String text) {
    StringBuilder out = new StringBuilder(text.length());
    text.codePoints()
        .forEach(codePoint -> out.append(Character.toString(codePoint).toLowerCase(Locale.ROOT)));
    return out.toString();
  }

  private static TextNormalizer sequence(List<JsonValue> list) {
    List<TextNormalizer> steps = list.stream().map(TextNormalizer::of).toList();
    return text -> {
      String result = text;
      for (TextNormalizer step : steps) {
        result = step.apply(result);
      }
      return result;
    };
  }

  private static TextNormalizer replace(JsonValue json) {
    JsonValue pattern = json.get("pattern");
    String content = json.string("content");
    if (pattern.has("String")) {
      String literal = pattern.string("String");
      return text -> text.replace(literal, content);
    }
    try {
      Pattern expression = Pattern.compile(pattern.string("Regex"));
      return text -> expression.matcher(text).replaceAll(Matcher.quoteReplacement(content));
    } catch (PatternSyntaxException e) {
      throw pattern.get("Regex").unexpected("a regular expression");
    }
  }

  private static TextNormalizer strip(boolean left, boolean right) {
    return text -> Whitespace.strip(text, left, right);
  }

  private static TextNormalizer prepend(String start) {
    return text -> text.isEmpty() ? text : start + text;
  }
}
