package dev.orrery.benchmarks;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Groups of horizontal bars as SVG, those of one name in one colour, beside a line to compare with.
 */
final class BarChart {
  /**
   * A bar.
   *
   * @param name of what it belongs to
   * @param value its length, 0 or more
   */
  record Bar(String name, double value) {}

  /** Bars under a title. */
  record Group(String title, List<Bar> bars) {}

  private static final int WIDTH = 880;
  private static final int LEFT = 310;
  private static final int LONGEST = 480;
  private static final int ROW = 16;
  private static final int TITLE = 22;
  private static final int HEAD = 34;

  /** Told apart by those who see no red or green. */
  private static final List<String> COLOURS =
      List.of("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#999999");

  private final StringBuilder svg = new StringBuilder();
  private final Map<String, String> colours = new LinkedHashMap<>();
  private final double scale;
  private int y = HEAD;

  private BarChart(List<Group> groups, double mark) {
    double most =
        groups.stream()
            .flatMap(group -> group.bars.stream())
            .mapToDouble(Bar::value)
            .reduce(mark, Math::max);
    scale = LONGEST / most;
  }

  /**
   * Draws.
   *
   * @param title of the picture
   * @param mark where the line stands, above 0
   */
  static String svg(String title, double mark, List<Group> groups) {
    BarChart chart = new BarChart(groups, mark);
    groups.forEach(chart::draw);
    double line = LEFT + mark * chart.scale;
    List<String> parts = new ArrayList<>();
    parts.add(
        String.format(
            Locale.ROOT,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" font-family=\"sans-serif\""
                + " font-size=\"12\">",
            WIDTH,
            chart.y + ROW));
    parts.add("<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>");
    parts.add(text(10, 20, "font-size=\"14\" font-weight=\"bold\"", title));
    parts.add(
        String.format(
            Locale.ROOT,
            "<line x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\" stroke=\"#000\" stroke-dasharray=\"3\"/>",
            line,
            line,
            HEAD,
            chart.y));
    return String.join("\n", parts) + "\n" + chart.svg + "</svg>\n";
  }

  private void draw(Group group) {
    y += TITLE;
    svg.append(text(10, y - 6, "font-weight=\"bold\"", group.title)).append('\n');
    for (Bar bar : group.bars) {
      svg.append(text(20, y + ROW - 4, "", bar.name)).append('\n');
      svg.append(
          String.format(
              Locale.ROOT,
              "<rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"%s\"/>\n",
              LEFT,
              y + 2,
              bar.value * scale,
              ROW - 4,
              colour(bar.name)));
      int end = (int) (LEFT + bar.value * scale) + 6;
      String value = String.format(Locale.ROOT, "%.2f", bar.value);
      svg.append(text(end, y + ROW - 4, "", value)).append('\n');
      y += ROW;
    }
  }

  private String colour(String name) {
    return colours.computeIfAbsent(name, _ -> COLOURS.get(colours.size() % COLOURS.size()));
  }

  private static String text(int x, int y, String style, String words) {
    String escaped = words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    return "<text x=\"" + x + "\" y=\"" + y + "\" " + style + ">" + escaped + "</text>";
  }
}
