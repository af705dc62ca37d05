package dev.orrery.model.umt5;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Character references of HTML in a text: {@code &amp;}, {@code &#233;}, {@code &#xe9;}.
 *
 * <p>Source: HTML Living Standard, sections 13.2.5.72 to 13.2.5.80 and the table of named character
 * references in 13.5, as Python's {@code html.unescape} applies them.
 */
final class HtmlReferences {
  private static final String TABLE = "html-entities.txt";

  /** By name, without the ampersand and with the semicolon where it is needed. */
  private static final Map<String, String> NAMED = table();

  private static final Pattern REFERENCE =
      Pattern.compile("&(#[0-9]+;?|#[xX][0-9a-fA-F]+;?|[^\\t\\n\\f <&#;]{1,32};?)");

  private static final Pattern COMPLETE = Pattern.compile("&#?[0-9A-Za-z]{1,24};");

  private static final String REPLACEMENT = "\uFFFD";

  private HtmlReferences() {}

  /** Replaces all references, also those whose semicolon is missing. */
  static String unescape(String text) {
    return replace(REFERENCE, text, match -> reference(match.group(1)));
  }

  /**
   * Replaces references that end in a semicolon, also those whose names were turned into capitals
   * with the text around them ({@code P&EACUTE;REZ}).
   */
  static String unescapeComplete(String text) {
    return replace(COMPLETE, text, match -> complete(match.group()));
  }

  private static String replace(
      Pattern pattern, String text, Function<MatchResult, String> replacement) {
    return text.indexOf('&') < 0
        ? text
        : pattern
            .matcher(text)
            .replaceAll(match -> Matcher.quoteReplacement(replacement.apply(match)));
  }

  private static String complete(String match) {
    String name = match.substring(1);
    String named = NAMED.get(name);
    if (named != null) {
      return named;
    }
    if (name.startsWith("#")) {
      String character = unescape(match);
      // A semicolon that is left over was not part of the reference.
      return character.indexOf(';') < 0 ? character : match;
    }
    String small = name.toLowerCase(Locale.ROOT);
    boolean capitals =
        NAMED.containsKey(small)
            && small.toUpperCase(Locale.ROOT).equals(name)
            && unescape(match).equals(match);
    return capitals ? NAMED.get(small).toUpperCase(Locale.ROOT) : match;
  }

  /** What a reference, without its ampersand, stands for. */
  private static String reference(String name) {
    if (name.startsWith("#")) {
      return numbered(name);
    }
    // The longest name that the text starts with.
    for (int length = name.length(); length > 1; length--) {
      String named = NAMED.get(name.substring(0, length));
      if (named != null) {
        return named + name.substring(length);
      }
    }
    return "&" + name;
  }

  private static String numbered(String name) {
    String digits = name.endsWith(";") ? name.substring(1, name.length() - 1) : name.substring(1);
    boolean hexadecimal = digits.startsWith("x") || digits.startsWith("X");
    int base = hexadecimal ? 16 : 10;
    int codePoint = 0;
    for (int i = hexadecimal ? 1 : 0; i < digits.length(); i++) {
      int next = codePoint * base + Character.digit(digits.charAt(i), base);
      // Beyond the last code point it does not matter how far.
      codePoint = Math.min(next, Character.MAX_CODE_POINT + 1);
    }
    if (codePoint >= 0x80 && codePoint < 0xA0) {
      return String.valueOf(Windows1252.of((char) codePoint));
    }
    if (codePoint == 0
        || codePoint > Character.MAX_CODE_POINT
        || codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE) {
      return REPLACEMENT;
    }
    return isRemoved(codePoint) ? "" : Character.toString(codePoint);
  }

  /** Control characters that produce no space, and code points that are no characters. */
  private static boolean isRemoved(int codePoint) {
    boolean control = codePoint < 0x20 && !"\t\n\f\r".contains(Character.toString(codePoint));
    boolean none = codePoint >= 0xFDD0 && codePoint <= 0xFDEF || (codePoint & 0xFFFE) == 0xFFFE;
    return control || codePoint == 0x7F || none;
  }

  private static Map<String, String> table() {
    Map<String, String> named = new HashMap<>();
    try (InputStream in = HtmlReferences.class.getResourceAsStream(TABLE);
        BufferedReader lines =
            new BufferedReader(new InputStreamReader(in, StandardCharsets.US_ASCII))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        String[] fields = line.split(" ");
        StringBuilder characters = new StringBuilder();
        for (int i = 1; i < fields.length; i++) {
          characters.appendCodePoint(Integer.parseInt(fields[i], 16));
        }
        named.put(fields[0], characters.toString());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Map.copyOf(named);
  }
}
