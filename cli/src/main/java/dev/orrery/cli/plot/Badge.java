package dev.orrery.cli.plot;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.geom.RoundRectangle2D;

/**
 * The number of a latent frame in white on the frame's colour. Frames and dots of the path carry
 * the same ones.
 *
 * @param latentFrame the number
 * @param color the frame's colour
 */
record Badge(int latentFrame, Color color) {
  static final double HEIGHT = 24;

  private static final double DIGITS = 11;
  private static final double EDGE = 1.5;

  /** Wide enough for the number; round where it is short. */
  double width() {
    return Math.max(HEIGHT, StrokeFont.width(text(), DIGITS) + 14);
  }

  /** Draws it around a point. */
  void draw(Graphics2D g, double x, double y) {
    g.setColor(Color.WHITE);
    g.fill(pill(x, y, EDGE));
    g.setColor(color);
    g.fill(pill(x, y, 0));
    g.setColor(Color.WHITE);
    StrokeFont.drawCentered(g, text(), DIGITS, x, y);
  }

  private RoundRectangle2D pill(double x, double y, double margin) {
    double width = width() + 2 * margin;
    double height = HEIGHT + 2 * margin;
    return new RoundRectangle2D.Double(
        x - width / 2, y - height / 2, width, height, height, height);
  }

  private String text() {
    return Integer.toString(latentFrame);
  }
}
