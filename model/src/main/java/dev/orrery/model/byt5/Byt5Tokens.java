package dev.orrery.model.byt5;

import dev.orrery.model.text.Tokens;
import java.nio.charset.StandardCharsets;

/**
 * ByT5's tokens: the bytes of a text in UTF-8, each 3 higher, and the end token.
 *
 * <p>The glyph encoder knows more tokens, for sentinels, colours and fonts, which a text could only
 * contain if a user quoted their names; here these are the bytes of the names.
 */
public final class Byt5Tokens {
  private static final int PADDING = 0;
  private static final int END = 1;
  private static final int FIRST_BYTE = 3;

  private Byt5Tokens() {}

  /**
   * The tokens of a text, the end token last.
   *
   * @param limit the most tokens, the end token counted; what is beyond is dropped, be it in the
   *     middle of a character
   */
  public static Tokens of(String text, int limit) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    int kept = Math.min(bytes.length, limit - 1);
    int[] ids = new int[kept + 1];
    for (int i = 0; i < kept; i++) {
      ids[i] = FIRST_BYTE + Byte.toUnsignedInt(bytes[i]);
    }
    ids[kept] = END;
    return new Tokens(ids, bytes.length - kept, limit, PADDING);
  }
}
