package dev.orrery.runtime.files;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Texts that people write, as every part of the program reads them.
 *
 * <ul>
 *   <li>They are in UTF-8; bytes that are not, and texts that say that they are in UTF-16 or
 *       UTF-32, are refused.
 *   <li>One byte order mark at the beginning does not belong to the text.
 *   <li>Lines end in LF, CRLF or CR, which all become {@code \n}; the end of the last line may be
 *       missing, and is taken away if it is there.
 *   <li>NUL is refused.
 * </ul>
 */
public final class TextFile {
  private static final char BYTE_ORDER_MARK = '\uFEFF';

  private TextFile() {}

  /**
   * Reads a text.
   *
   * @param maxBytes the longest that is read
   * @throws NotTextException saying what was found, without the name of the file, if it is longer
   *     or no such text
   * @throws IOException if it cannot be read
   */
  public static String read(Path file, long maxBytes) throws IOException {
    long size = Files.size(file);
    if (size > maxBytes) {
      throw new NotTextException(
          "too long, expected at most " + maxBytes + " bytes of text, found " + size);
    }
    return decode(Files.readAllBytes(file));
  }

  /**
   * The text of a file's bytes.
   *
   * @throws NotTextException saying what was found, if they are no such text
   */
  public static String decode(byte[] bytes) throws NotTextException {
    refuseOtherEncodings(bytes);
    CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
    ByteBuffer from = ByteBuffer.wrap(bytes);
    CharBuffer text = CharBuffer.allocate(bytes.length);
    CoderResult end = decoder.decode(from, text, true);
    if (end.isError()) {
      throw new NotTextException(
          "expected a text in UTF-8, found other bytes at " + end(text.flip().toString()));
    }
    return normalize(text.flip().toString());
  }

  /**
   * A text that was given in another way than as a file, read by the same rules.
   *
   * @throws NotTextException if it contains NUL
   */
  public static String normalize(String given) throws NotTextException {
    String text = given.indexOf(BYTE_ORDER_MARK) == 0 ? given.substring(1) : given;
    text = text.replace("\r\n", "\n").replace('\r', '\n');
    int nul = text.indexOf('\0');
    if (nul >= 0) {
      throw new NotTextException(
          "expected a text, found a NUL byte at " + end(text.substring(0, nul)));
    }
    return text.endsWith("\n") ? text.substring(0, text.length() - 1) : text;
  }

  /** The place behind a text, as people count. */
  private static String end(String text) {
    long line = 1 + text.chars().filter(c -> c == '\n').count();
    return "line " + line + ", column " + (text.length() - text.lastIndexOf('\n'));
  }

  /** Their byte order marks; without one they are seen as NUL bytes. */
  private static void refuseOtherEncodings(byte[] bytes) throws NotTextException {
    if (startsWith(bytes, 0xFF, 0xFE, 0, 0) || startsWith(bytes, 0, 0, 0xFE, 0xFF)) {
      throw new NotTextException("expected a text in UTF-8, found one in UTF-32");
    }
    if (startsWith(bytes, 0xFF, 0xFE) || startsWith(bytes, 0xFE, 0xFF)) {
      throw new NotTextException("expected a text in UTF-8, found one in UTF-16");
    }
  }

  private static boolean startsWith(byte[] bytes, int... mark) {
    for (int i = 0; i < mark.length; i++) {
      if (i == bytes.length || (bytes[i] & 255) != mark[i]) {
        return false;
      }
    }
    return true;
  }
}
