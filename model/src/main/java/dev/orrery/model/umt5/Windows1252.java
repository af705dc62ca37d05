package dev.orrery.model.umt5;

/**
 * What is meant where a text has control characters U+0080 to U+009F: bytes of Windows-1252 that
 * were read as Latin-1. The five that Windows-1252 leaves open stay as they are.
 */
final class Windows1252 {
  private static final String CHARACTERS =
      "\u20ac\u0081\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u008d\u017d"
          + "\u008f\u0090\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153"
          + "\u009d\u017e\u0178";

  private Windows1252() {}

  /** The character meant by another one. */
  static char of(char character) {
    return character >= 0x80 && character < 0xA0 ? CHARACTERS.charAt(character - 0x80) : character;
  }
}
