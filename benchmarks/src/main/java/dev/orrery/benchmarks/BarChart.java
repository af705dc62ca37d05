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

  private final List<String> parts = new ArrayList<>();
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
    chart.parts.add(Svg.line(line, HEAD, line, chart.y, "stroke=\"#000\" stroke-dasharray=\"3\""));
    return Svg.picture(WIDTH, chart.y + ROW, title, chart.parts);
  }

  private void draw(Group group) {
    y += TITLE;
    parts.add(Svg.text(10, y - 6, "font-weight=\"bold\"", group.title));
    for (Bar bar : group.bars) {
      parts.add(Svg.text(20, y + ROW - 4, "", bar.name));
      parts.add(
          String.format(
              Locale.ROOT,
              "<rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"%s\"/>",
              LEFT,
              y + 2,
              bar.value * scale,
              ROW - 4,
              colour(bar.name)));
      int end = (int) (LEFT + bar.value * scale) + 6;
      String value = String.format(Locale.ROOT, "%.2f", bar.value);
      parts.add(Svg.text(end, y + ROW - 4, "", value));
      y += ROW;
    }
  }

  private String colour(String name) {
    return colours.computeIfAbsent(name, _ -> Svg.COLOURS.get(colours.size() % Svg.COLOURS.size()));
  }
}
