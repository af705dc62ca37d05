package dev.orrery.benchmarks;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * A roofline plot as SVG: the speed of kernels over the operations that they have for each byte,
 * below what a machine can reach, which is the peak of arithmetic or, left of the ridge, as much as
 * memory delivers. Both axes are logarithmic; points are numbered, and a legend beside the plot
 * says what they are and how much of the roof above them they reach.
 *
 * <p>Source: Williams, Waterman and Patterson, Roofline: An Insightful Visual Performance Model for
 * Multicore Architectures.
 */
final class RooflineChart {
  /**
   * A kernel.
   *
   * @param name what it is
   * @param operations of a call, above 0
   * @param bytes of a call, above 0
   * @param milliseconds of a call
   */
  record Point(String name, double operations, double bytes, double milliseconds) {
    /** Operations for each byte. */
    double intensity() {
      return operations / bytes;
    }

    double gigaflops() {
      return operations / milliseconds / 1e6;
    }
  }

  private static final int WIDTH = 1080;
  private static final int LEFT = 60;
  private static final int RIGHT = 520;
  private static final int TOP = 40;
  private static final int BOTTOM = 470;
  private static final int LEGEND = 545;
  private static final int ROW = 18;
  private static final int DIGIT = 7;
  private static final int RADIUS = 4;
  private static final int CLEAR = 5;
  private static final String GRID = "stroke=\"#ddd\"";
  private static final String ROOF = "stroke=\"#000\" stroke-width=\"2\"";
  private static final String CENTRED = "text-anchor=\"middle\"";

  /** Where the number of a point may stand, seen from the point, the best place first. */
  private static final int[][] PLACES = {
    {8, 4}, {-18, 4}, {-4, 18}, {-4, -8}, {12, 16}, {-20, 16}, {12, -8}, {-20, -8}, {-8, 30},
    {8, 30}
  };

  private final double peak;
  private final double bandwidth;
  private final List<Point> points;
  private final double leastIntensity;
  private final double mostIntensity;
  private final double leastSpeed;
  private final double mostSpeed;
  private final List<String> parts = new ArrayList<>();
  private final List<double[]> occupied = new ArrayList<>();

  private RooflineChart(double peak, double bandwidth, List<Point> points) {
    this.peak = peak;
    this.bandwidth = bandwidth;
    this.points = points;
    double ridge = peak / bandwidth;
    leastIntensity =
        powerBelow(points.stream().mapToDouble(Point::intensity).reduce(ridge, Math::min));
    mostIntensity =
        powerAbove(points.stream().mapToDouble(Point::intensity).reduce(ridge, Math::max));
    leastSpeed = powerBelow(points.stream().mapToDouble(Point::gigaflops).reduce(peak, Math::min));
    mostSpeed = powerAbove(points.stream().mapToDouble(Point::gigaflops).reduce(peak, Math::max));
  }

  /**
   * Draws.
   *
   * @param title of the picture
   * @param peak GFLOP/s
   * @param bandwidth GB/s
   * @param points in the order of their numbers, from the one with the fewest operations for a byte
   */
  static String svg(String title, double peak, double bandwidth, List<Point> points) {
    List<Point> sorted =
        points.stream().sorted(Comparator.comparingDouble(Point::intensity)).toList();
    RooflineChart chart = new RooflineChart(peak, bandwidth, sorted);
    chart.drawAxes();
    chart.drawRoof();
    chart.drawPoints();
    int height = Math.max(BOTTOM + 50, TOP + ROW * (sorted.size() + 2));
    return Svg.picture(WIDTH, height, title, chart.parts);
  }

  private static double powerBelow(double value) {
    return Math.pow(10, Math.floor(Math.log10(value)));
  }

  private static double powerAbove(double value) {
    return Math.pow(10, Math.ceil(Math.log10(value)));
  }

  private double x(double intensity) {
    double share = Math.log(intensity / leastIntensity) / Math.log(mostIntensity / leastIntensity);
    return LEFT + share * (RIGHT - LEFT);
  }

  private double y(double speed) {
    double share = Math.log(speed / leastSpeed) / Math.log(mostSpeed / leastSpeed);
    return BOTTOM - share * (BOTTOM - TOP);
  }

  /** What can be reached, in GFLOP/s. */
  private double attainable(double intensity) {
    return Math.min(peak, intensity * bandwidth);
  }

  private void drawAxes() {
    for (double power = leastIntensity; power <= 1.01 * mostIntensity; power *= 10) {
      parts.add(Svg.line(x(power), TOP, x(power), BOTTOM, GRID));
      parts.add(Svg.text(x(power), BOTTOM + 16, CENTRED, number(power)));
    }
    for (double power = leastSpeed; power <= 1.01 * mostSpeed; power *= 10) {
      parts.add(Svg.line(LEFT, y(power), RIGHT, y(power), GRID));
      parts.add(Svg.text(LEFT - 6, y(power) + 4, "text-anchor=\"end\"", number(power)));
    }
    parts.add(
        Svg.text((LEFT + RIGHT) / 2.0, BOTTOM + 36, CENTRED, "operations for each byte of memory"));
    double middle = (TOP + BOTTOM) / 2.0;
    String turned =
        String.format(Locale.ROOT, "%s transform=\"rotate(-90 14 %.1f)\"", CENTRED, middle);
    parts.add(Svg.text(14, middle, turned, "GFLOP/s"));
  }

  private static String number(double power) {
    return power < 1 ? Double.toString(power) : String.format(Locale.ROOT, "%.0f", power);
  }

  /** From the left or lower edge up to the ridge, then level. */
  private void drawRoof() {
    double ridge = peak / bandwidth;
    double start = Math.max(leastIntensity, leastSpeed / bandwidth);
    parts.add(Svg.line(x(start), y(attainable(start)), x(ridge), y(peak), ROOF));
    parts.add(Svg.line(x(ridge), y(peak), RIGHT, y(peak), ROOF));
    String limit = String.format(Locale.ROOT, "%.0f GFLOP/s", peak);
    parts.add(Svg.text(RIGHT, y(peak) - 8, "text-anchor=\"end\"", limit));
    double middle = Math.sqrt(start * ridge);
    String memory = String.format(Locale.ROOT, "copying: %.1f GB/s", bandwidth);
    parts.add(Svg.text(x(middle) - 10, y(attainable(middle)) - 8, "text-anchor=\"end\"", memory));
  }

  private void drawPoints() {
    for (Point point : points) {
      occupy(x(point.intensity()), y(point.gigaflops()));
    }
    for (int x = LEFT; x < RIGHT; x += CLEAR) {
      double share = (double) (x - LEFT) / (RIGHT - LEFT);
      occupy(x, y(attainable(leastIntensity * Math.pow(mostIntensity / leastIntensity, share))));
    }
    for (int i = 0; i < points.size(); i++) {
      drawPoint(Integer.toString(i + 1), points.get(i));
      Point point = points.get(i);
      double share = point.gigaflops() / attainable(point.intensity());
      String row =
          String.format(
              Locale.ROOT,
              "%s: %.1f GFLOP/s, %.0f %% of the roof",
              point.name(),
              point.gigaflops(),
              100 * share);
      double y = TOP + ROW * (i + 1.0);
      parts.add(Svg.text(LEGEND + 18, y, "text-anchor=\"end\" font-weight=\"bold\"", "" + (i + 1)));
      parts.add(Svg.text(LEGEND + 26, y, "", row));
    }
  }

  /** No number is to stand there. */
  private void occupy(double x, double y) {
    occupied.add(new double[] {x - CLEAR, y - CLEAR, x + CLEAR, y + CLEAR});
  }

  private void drawPoint(String number, Point point) {
    double x = x(point.intensity());
    double y = y(point.gigaflops());
    parts.add(
        String.format(
            Locale.ROOT,
            "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"%d\" fill=\"%s\"/>",
            x,
            y,
            RADIUS,
            Svg.COLOURS.getFirst()));
    int width = DIGIT * number.length();
    double[] box = null;
    for (int[] place : PLACES) {
      double left = x + place[0];
      double base = y + place[1];
      box = new double[] {left, base - 9, left + width, base + 1};
      if (isFree(box)) {
        break;
      }
    }
    occupied.add(box);
    parts.add(Svg.text(box[0], box[3] - 1, "font-size=\"11\"", number));
  }

  private boolean isFree(double[] box) {
    return occupied.stream()
        .noneMatch(it -> box[0] < it[2] && it[0] < box[2] && box[1] < it[3] && it[1] < box[3]);
  }
}
