package dev.orrery.model.qwen;

import java.util.Arrays;

/**
 * A letter for each byte, so that vocabularies of byte strings can be written as text: bytes that
 * are visible characters of Latin-1 are those, the others are the characters from U+0100 on, in
 * ascending order.
 *
 * <p>Source: GPT-2, {@code bytes_to_unicode}.
 */
final class ByteLetters {
  private static final char[] LETTERS = new char[256];

  static {
    int others = 0;
    for (int b = 0; b < 256; b++) {
      boolean visible = b >= 33 && b <= 126 || b >= 161 && b <= 172 || b >= 174;
      LETTERS[b] = (char) (visible ? b : 256 + others++);
    }
  }

  private ByteLetters() {}

  /** The letter of a byte, 0 to 255. */
  static char of(int unsignedByte) {
    return LETTERS[unsignedByte];
  }

  /** All letters, that of byte 0 first. */
  static char[] all() {
    return Arrays.copyOf(LETTERS, LETTERS.length);
  }
}
