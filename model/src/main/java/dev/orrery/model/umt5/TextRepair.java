package dev.orrery.model.umt5;

import java.text.Normalizer;
import java.util.regex.Pattern;

/**
 * Repairs of text that {@code ftfy.fix_text} makes on well-encoded text: character references of
 * HTML, control characters, Latin ligatures, half-width and full-width forms, curly quotes, line
 * breaks, lone surrogates and terminal escapes, followed by normal form C; repeated until nothing
 * changes. Text that was decoded with the wrong encoding is left as it is, which ftfy would try to
 * guess and undo.
 *
 * <p>Source: ftfy 6.3, its documentation of {@code TextFixerConfig}.
 */
final class TextRepair {
  private static final Pattern LINE = Pattern.compile("[^\\n]*\\n|[^\\n]+");
  private static final Pattern TERMINAL_ESCAPE = Pattern.compile("\u001b\\[[0-9;]*[a-zA-Z]");
  private static final Pattern LINE_BREAK = Pattern.compile("\r\n|[\r\u2028\u2029\u0085]");

  /** Pairs of letters that have a code point of their own, and what they are made of. */
  private static final String[][] LIGATURES = {
    {"\u0132", "IJ"},
    {"\u0133", "ij"},
    {"\u0149", "\u02bcn"},
    {"\u01f1", "DZ"},
    {"\u01f2", "Dz"},
    {"\u01f3", "dz"},
    {"\u01c4", "D\u017d"},
    {"\u01c5", "D\u017e"},
    {"\u01c6", "d\u017e"},
    {"\u01c7", "LJ"},
    {"\u01c8", "Lj"},
    {"\u01c9", "lj"},
    {"\u01ca", "NJ"},
    {"\u01cb", "Nj"},
    {"\u01cc", "nj"},
    {"\ufb00", "ff"},
    {"\ufb01", "fi"},
    {"\ufb02", "fl"},
    {"\ufb03", "ffi"},
    {"\ufb04", "ffl"},
    {"\ufb05", "\u017ft"},
    {"\ufb06", "st"},
  };

  private TextRepair() {}

  static String repair(String text) {
    StringBuilder out = new StringBuilder(text.length());
    boolean[] references = {true};
    LINE.matcher(text)
        .results()
        .forEach(
            line -> {
              // Text with tags is HTML, whose references are meant; so is what follows it.
              references[0] &= line.group().indexOf('<') < 0;
              out.append(repairLine(line.group(), references[0]));
            });
    return out.toString();
  }

  private static String repairLine(String line, boolean references) {
    String text = line;
    String before;
    do {
      before = text;
      if (references) {
        text = HtmlReferences.unescapeComplete(text);
      }
      text = characters(text);
      text = LINE_BREAK.matcher(text).replaceAll("\n");
      text = TERMINAL_ESCAPE.matcher(text).replaceAll("");
      text = withoutControls(text);
      text = Normalizer.normalize(text, Normalizer.Form.NFC);
    } while (!text.equals(before));
    return text;
  }

  /** Repairs of single characters. */
  private static String characters(String text) {
    StringBuilder out = new StringBuilder(text.length());
    text.codePoints()
        .forEach(
            codePoint -> {
              if (codePoint > Character.MAX_VALUE) {
                out.appendCodePoint(codePoint);
              } else {
                out.append(character(Windows1252.of((char) codePoint)));
              }
            });
    return out.toString();
  }

  private static String character(char c) {
    if (c < 0x80) {
      return String.valueOf(c);
    }
    for (String[] ligature : LIGATURES) {
      if (ligature[0].charAt(0) == c) {
        return ligature[1];
      }
    }
    if (c == '\u02bc' || c >= '\u2018' && c <= '\u201b') {
      return "'";
    }
    if (c >= '\u201c' && c <= '\u201f') {
      return "\"";
    }
    if (c == '\u3000') {
      return " ";
    }
    if (c >= '\uff01' && c < '\ufff0') {
      return Normalizer.normalize(String.valueOf(c), Normalizer.Form.NFKC);
    }
    // A pair would have come as one code point.
    return Character.isSurrogate(c) ? "\ufffd" : String.valueOf(c);
  }

  private static String withoutControls(String text) {
    StringBuilder out = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean ascii = c < 0x20 && "\t\n\f\r".indexOf(c) < 0 || c == 0x7F;
      boolean deprecated = c >= '\u206a' && c <= '\u206f';
      boolean annotation = c >= '\ufff9' && c <= '\ufffc';
      if (!ascii && !deprecated && !annotation && c != '\ufeff') {
        out.append(c);
      }
    }
    return out.toString();
  }
}
