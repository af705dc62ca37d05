package dev.orrery.benchmarks;

import java.util.List;
import java.util.Locale;

/** Parts of pictures, on white so that a dark page shows them as they are. */
final class Svg {
  /** Told apart by those who see no red or green. */
  static final List<String> COLOURS =
      List.of("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#999999");

  private Svg() {}

  /** A picture of some parts, one below the other in the file. */
  static String picture(int width, int height, String title, List<String> parts) {
    return String.format(
            Locale.ROOT,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\""
                + " font-family=\"sans-serif\" font-size=\"12\">\n",
            width,
            height,
            width,
            height)
        + "<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n"
        + text(10, 20, "font-size=\"14\" font-weight=\"bold\"", title)
        + "\n"
        + String.join("\n", parts)
        + "\n</svg>\n";
  }

  /**
   * Words.
   *
   * @param style further attributes
   */
  static String text(double x, double y, String style, String words) {
    String escaped = words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    return String.format(
        Locale.ROOT, "<text x=\"%.1f\" y=\"%.1f\" %s>%s</text>", x, y, style, escaped);
  }

  /**
   * A line.
   *
   * @param style its colour and what else is to be said of it
   */
  static String line(double x1, double y1, double x2, double y2, String style) {
    return String.format(
        Locale.ROOT,
        "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" %s/>",
        x1,
        y1,
        x2,
        y2,
        style);
  }
}
