package dev.orrery.model.text;

import java.util.Locale;

/** A text of a user, as messages about its mistakes refer to it. */
public record SourceText(String text) {
  /** Longest piece of a text that a message repeats. */
  private static final int MAX_SHOWN = 40;

  /** A position as people count: {@code line 1, column 1} is the first character. */
  public String place(int position) {
    String before = text.substring(0, position);
    int line = 1 + (int) before.chars().filter(c -> c == '\n').count();
    int column = position - before.lastIndexOf('\n');
    return String.format(Locale.ROOT, "line %d, column %d", line, column);
  }

  /** A word in quotation marks, on one line whatever it is, and shortened. */
  public static String quoted(String word) {
    StringBuilder shown = new StringBuilder("\"");
    word.codePoints()
        .limit(MAX_SHOWN)
        .forEach(
            c -> {
              if (c == ' ' || isVisible(c)) {
                shown.appendCodePoint(c);
              } else {
                shown.append(codePoint(c));
              }
            });
    return shown
        .append(word.codePointCount(0, word.length()) > MAX_SHOWN ? "...\"" : "\"")
        .toString();
  }

  /** The character at a position as a user sees it, whatever it is. */
  public String quoted(int position) {
    int found = text.codePointAt(position);
    return isVisible(found) ? "\"" + Character.toString(found) + "\"" : codePoint(found);
  }

  private static boolean isVisible(int c) {
    // Invisible characters include those that would turn around the rest of the line, and halves.
    return c > ' '
        && !Character.isISOControl(c)
        && Character.isDefined(c)
        && Character.getType(c) != Character.FORMAT
        && Character.getType(c) != Character.SURROGATE
        && Character.getType(c) != Character.LINE_SEPARATOR
        && Character.getType(c) != Character.PARAGRAPH_SEPARATOR;
  }

  private static String codePoint(int c) {
    return String.format(Locale.ROOT, "U+%04X", c);
  }
}
