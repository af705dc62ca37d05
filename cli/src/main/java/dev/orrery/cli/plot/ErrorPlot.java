package dev.orrery.cli.plot;

import dev.orrery.model.session.SessionComparison;
import dev.orrery.runtime.media.RgbImage;
import dev.orrery.runtime.trace.ActivationError;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Line2D;
import java.awt.geom.Path2D;
import java.awt.image.BufferedImage;
import java.util.List;
import java.util.Locale;

/**
 * An image of how far a quantised transformer comparisons: to the right its blocks, upwards the
 * relative L2 difference of their outputs in percent, a line for each chunk of video. On the right
 * edge, in the colour of the line, stands the PSNR of its frames in dB.
 */
public final class ErrorPlot {
  private static final int WIDTH = 640;
  private static final int HEIGHT = 360;
  private static final int LEFT = 76;
  private static final int RIGHT = 96;
  private static final int TOP = 28;
  private static final int BOTTOM = 56;
  private static final double DIGITS = 11;
  private static final int MAX_LABELS = 15;
  private static final Color GRID = new Color(0xdd, 0xdd, 0xdd);
  private static final Color TEXT = new Color(0x44, 0x44, 0x44);
  private static final Color[] LINES = {
    new Color(0x1f, 0x77, 0xb4), new Color(0xd6, 0x5f, 0x0e), new Color(0x2c, 0x8c, 0x2c),
    new Color(0xb0, 0x28, 0x58), new Color(0x6a, 0x4f, 0xa0), new Color(0x7a, 0x5a, 0x3a)
  };

  private final Graphics2D g;
  private final List<SessionComparison> comparisons;
  private final int layers;
  private final double step;
  private final int steps;

  private ErrorPlot(Graphics2D g, List<SessionComparison> comparisons) {
    this.g = g;
    this.comparisons = comparisons;
    layers = comparisons.getFirst().layers().size();
    double largest =
        comparisons.stream()
            .flatMap(comparison -> comparison.layers().stream())
            .mapToDouble(layer -> 100 * layer.relativeL2())
            .max()
            .orElse(0);
    step = roundStep(largest / 5);
    steps = (int) Math.max(1, Math.ceil(largest / step));
  }

  /**
   * Draws what was compared.
   *
   * @param comparisons one chunk of video or several
   */
  public static RgbImage draw(List<SessionComparison> comparisons) {
    BufferedImage canvas = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_INT_RGB);
    Graphics2D g = Canvas.graphics(canvas);
    ErrorPlot plot = new ErrorPlot(g, comparisons);
    plot.drawAxes();
    for (int i = 0; i < comparisons.size(); i++) {
      plot.drawLine(i);
    }
    g.dispose();
    return Canvas.image(canvas);
  }

  /** The least of 1, 2 and 5 times a power of ten that is not below a number. */
  private static double roundStep(double least) {
    if (!(least > 0) || Double.isInfinite(least)) {
      return 1;
    }
    double power = Math.pow(10, Math.floor(Math.log10(least)));
    for (int digit : new int[] {1, 2, 5}) {
      if (digit * power >= least) {
        return digit * power;
      }
    }
    return 10 * power;
  }

  private void drawAxes() {
    int decimals = (int) Math.max(0, Math.ceil(-Math.log10(step)));
    for (int i = 0; i <= steps; i++) {
      double y = y(i * step);
      g.setColor(GRID);
      g.setStroke(new BasicStroke(1));
      g.draw(new Line2D.Double(LEFT, y, WIDTH - RIGHT, y));
      text(String.format(Locale.ROOT, "%." + decimals + "f %%", i * step), LEFT / 2.0, y, TEXT);
    }
    int every = (layers + MAX_LABELS - 1) / MAX_LABELS;
    for (int layer = 0; layer < layers; layer += every) {
      text(Integer.toString(layer), x(layer), HEIGHT - BOTTOM + 1.5 * DIGITS, TEXT);
    }
    text("block", (x(0) + x(layers - 1)) / 2, HEIGHT - DIGITS, TEXT);
  }

  private void drawLine(int index) {
    SessionComparison comparison = comparisons.get(index);
    Color color = LINES[index % LINES.length];
    Path2D line = new Path2D.Double();
    g.setColor(color);
    for (int layer = 0; layer < layers; layer++) {
      ActivationError at = comparison.layers().get(layer);
      double x = x(layer);
      double y = y(100 * at.relativeL2());
      g.fill(new Ellipse2D.Double(x - 3, y - 3, 6, 6));
      if (layer == 0) {
        line.moveTo(x, y);
      } else {
        line.lineTo(x, y);
      }
    }
    g.setStroke(new BasicStroke(2, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
    g.draw(line);
    if (Double.isFinite(comparison.decibels())) {
      String decibels = String.format(Locale.ROOT, "%.1f dB", comparison.decibels());
      text(decibels, WIDTH - RIGHT / 2.0, TOP + 2 * DIGITS * index + DIGITS, color);
    }
  }

  private void text(String digits, double x, double y, Color color) {
    g.setColor(color);
    StrokeFont.drawCentered(g, digits, DIGITS, x, y);
  }

  private double x(int layer) {
    double inner = WIDTH - LEFT - RIGHT;
    return LEFT + inner * (layer + 0.5) / layers;
  }

  private double y(double percent) {
    double inner = HEIGHT - TOP - BOTTOM;
    return HEIGHT - BOTTOM - inner * percent / (steps * step);
  }
}
