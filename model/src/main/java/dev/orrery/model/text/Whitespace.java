package dev.orrery.model.text;

/** The characters with Unicode's property White_Space. */
public final class Whitespace {
  private Whitespace() {}

  /** Whether a character is one of them. */
  public static boolean is(int codePoint) {
    return Character.isSpaceChar(codePoint)
        || codePoint >= '\t' && codePoint <= '\r'
        || codePoint == 0x85;
  }

  /** The text without whitespace at the chosen ends. */
  public static String strip(String text, boolean left, boolean right) {
    int from = left ? skip(text, 0) : 0;
    int to = right ? back(text, text.length()) : text.length();
    return from >= to ? "" : text.substring(from, to);
  }

  /** The first index from {@code from} on that has no whitespace. */
  public static int skip(String text, int from) {
    int at = from;
    // No whitespace lies beyond the basic plane, so code units will do.
    while (at < text.length() && is(text.charAt(at))) {
      at++;
    }
    return at;
  }

  /** The least index such that all characters from there up to {@code to} are whitespace. */
  public static int back(String text, int to) {
    int at = to;
    while (at > 0 && is(text.charAt(at - 1))) {
      at--;
    }
    return at;
  }

  /** The text with every run of whitespace made one space. */
  public static String collapse(String text) {
    StringBuilder out = new StringBuilder(text.length());
    int at = 0;
    while (at < text.length()) {
      int next = skip(text, at);
      if (next > at) {
        out.append(' ');
        at = next;
      } else {
        out.append(text.charAt(at++));
      }
    }
    return out.toString();
  }
}
