package dev.orrery.cli.plot;

import java.awt.BasicStroke;
import java.awt.Graphics2D;
import java.awt.geom.AffineTransform;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Path2D;

/**
 * Digits and the few other characters that plots need, drawn as strokes. Fonts of the system are no
 * choice: a server may have none, and each has others, so that the same image would not give the
 * same bytes.
 */
public final class StrokeFont {
  /** Of the height of a digit. */
  private static final double DIGIT_WIDTH = 0.6;

  private static final double POINT_WIDTH = 0.1;
  private static final double SPACE = 0.28;
  private static final double LINE = 0.16;

  private StrokeFont() {}

  /** How wide a text is whose digits have a height. */
  public static double width(String text, double height) {
    double width = -SPACE;
    for (char c : text.toCharArray()) {
      width += width(c) + SPACE;
    }
    return height * width;
  }

  /** Draws a text around a point in the colour that is set. */
  public static void drawCentered(Graphics2D g, String text, double height, double x, double y) {
    Path2D line = new Path2D.Double();
    double at = 0;
    for (char c : text.toCharArray()) {
      line.append(glyph(c).getPathIterator(AffineTransform.getTranslateInstance(at, 0)), false);
      at += width(c) + SPACE;
    }
    AffineTransform place =
        AffineTransform.getTranslateInstance(x - width(text, height) / 2, y - height / 2);
    place.scale(height, height);
    g.setStroke(
        new BasicStroke((float) (LINE * height), BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
    g.draw(place.createTransformedShape(line));
  }

  private static double width(char c) {
    return c == '.' || c == 'l' || c == ' ' ? POINT_WIDTH : DIGIT_WIDTH;
  }

  /** Upper left corner at the origin, one unit high. */
  private static Path2D glyph(char c) {
    Path2D.Double path = new Path2D.Double();
    switch (c) {
      case '0' -> path.append(new Ellipse2D.Double(0, 0, 0.6, 1), false);
      case '1' -> lines(path, 0.1, 0.24, 0.38, 0, 0.38, 1);
      case '2' -> {
        path.moveTo(0.02, 0.26);
        path.curveTo(0.04, -0.1, 0.58, -0.08, 0.58, 0.27);
        path.curveTo(0.58, 0.52, 0.2, 0.72, 0, 1);
        path.lineTo(0.6, 1);
      }
      case '3' -> {
        path.moveTo(0.03, 0.14);
        path.curveTo(0.18, -0.07, 0.56, -0.04, 0.56, 0.25);
        path.curveTo(0.56, 0.42, 0.42, 0.48, 0.24, 0.48);
        path.curveTo(0.44, 0.48, 0.6, 0.57, 0.6, 0.74);
        path.curveTo(0.6, 1.06, 0.14, 1.1, 0, 0.85);
      }
      case '4' -> lines(path, 0.46, 1, 0.46, 0, 0, 0.7, 0.62, 0.7);
      case '5' -> {
        lines(path, 0.54, 0, 0.1, 0, 0.05, 0.44);
        path.curveTo(0.24, 0.3, 0.6, 0.36, 0.6, 0.68);
        path.curveTo(0.6, 1.05, 0.16, 1.1, 0, 0.87);
      }
      case '6' -> {
        path.append(new Ellipse2D.Double(0, 0.38, 0.6, 0.62), false);
        path.moveTo(0, 0.69);
        path.curveTo(0, 0.4, 0.15, 0.1, 0.46, 0);
      }
      case '7' -> lines(path, 0, 0, 0.6, 0, 0.2, 1);
      case '8' -> {
        path.append(new Ellipse2D.Double(0.05, 0, 0.5, 0.46), false);
        path.append(new Ellipse2D.Double(0, 0.46, 0.6, 0.54), false);
      }
      case '9' -> {
        path.append(new Ellipse2D.Double(0, 0, 0.6, 0.62), false);
        path.moveTo(0.6, 0.31);
        path.curveTo(0.6, 0.6, 0.45, 0.9, 0.14, 1);
      }
      case '.' -> lines(path, 0.05, 0.98, 0.05, 1);
      case 'x' -> {
        lines(path, 0.05, 0.4, 0.55, 1);
        lines(path, 0.55, 0.4, 0.05, 1);
      }
      case 'z' -> lines(path, 0.08, 0.4, 0.52, 0.4, 0.08, 1, 0.52, 1);
      case ' ' -> {}
      case '%' -> {
        path.append(new Ellipse2D.Double(0, 0, 0.22, 0.3), false);
        path.append(new Ellipse2D.Double(0.38, 0.7, 0.22, 0.3), false);
        lines(path, 0.5, 0.04, 0.1, 0.96);
      }
      case 'B' -> {
        lines(path, 0.3, 0.48, 0.05, 0.48, 0.05, 0, 0.28, 0);
        path.curveTo(0.56, 0, 0.56, 0.48, 0.28, 0.48);
        path.curveTo(0.66, 0.48, 0.66, 1, 0.28, 1);
        path.lineTo(0.05, 1);
        path.lineTo(0.05, 0.48);
      }
      case 'b' -> {
        lines(path, 0.05, 0, 0.05, 1);
        path.append(new Ellipse2D.Double(0.05, 0.4, 0.52, 0.6), false);
      }
      case 'c' -> {
        path.moveTo(0.52, 0.5);
        path.curveTo(0.3, 0.27, 0.02, 0.42, 0.02, 0.7);
        path.curveTo(0.02, 0.98, 0.3, 1.13, 0.52, 0.9);
      }
      case 'd' -> {
        lines(path, 0.55, 0, 0.55, 1);
        path.append(new Ellipse2D.Double(0.03, 0.4, 0.52, 0.6), false);
      }
      case 'k' -> {
        lines(path, 0.05, 0, 0.05, 1);
        lines(path, 0.5, 0.4, 0.05, 0.76);
        lines(path, 0.2, 0.64, 0.54, 1);
      }
      case 'l' -> lines(path, 0.05, 0, 0.05, 1);
      case 'o' -> path.append(new Ellipse2D.Double(0.03, 0.4, 0.54, 0.6), false);
      default -> throw new IllegalArgumentException("no such character: " + c);
    }
    return path;
  }

  private static void lines(Path2D path, double... points) {
    path.moveTo(points[0], points[1]);
    for (int i = 2; i < points.length; i += 2) {
      path.lineTo(points[i], points[i + 1]);
    }
  }
}
