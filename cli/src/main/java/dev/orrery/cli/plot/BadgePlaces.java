package dev.orrery.cli.plot;

import java.awt.Shape;
import java.awt.geom.Line2D;
import java.awt.geom.Point2D;
import java.awt.geom.Rectangle2D;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds places for numbers beside their dots, one after the other: where nothing else is, near, and
 * if it can be at the far end of the field of view or else at right angles to it.
 */
final class BadgePlaces {
  private static final int DIRECTIONS = 24;
  private static final int DISTANCES = 14;
  private static final double DISTANCE_STEP = 10;

  /** From a dot to the edge of its number, in pixels. */
  private static final double NEAREST = 16;

  private static final double[] SIDE = {NEAREST};

  /** Up to here to both sides a number may also be behind the end of the field of view. */
  private static final double AHEAD = Math.PI / 3;

  private static final double GAP = 3;

  private static final double OVERLAP_COST = 1000;
  private static final double CROSSING_COST = 150;
  private static final double PATH_COST = 4;
  private static final double DISTANCE_COST = 1.5;

  /** Of a direction that is neither that of the view nor at right angles to it. */
  private static final double SLANTED_COST = 5;

  private static final double VIEW_COST = 6;
  private static final double SIDEWAYS_COST = 2;

  private final Rectangle2D bounds;
  private final double viewEnd;
  private final List<Point2D> path;
  private final List<Shape> views;
  private final List<Rectangle2D> taken = new ArrayList<>();

  /**
   * @param bounds where numbers may be
   * @param viewLength pixels from a dot to the end of its field of view
   * @param path points of the path, a few pixels apart
   * @param views fields of view
   */
  BadgePlaces(Rectangle2D bounds, double viewLength, List<Point2D> path, List<Shape> views) {
    this.bounds = bounds;
    this.viewEnd = viewLength + GAP;
    this.path = List.copyOf(path);
    this.views = List.copyOf(views);
  }

  /** Keeps a place free. */
  void take(Rectangle2D place) {
    taken.add(place);
  }

  /**
   * Finds and takes the best place for a number.
   *
   * @param dot what it belongs to
   * @param view direction of view in the image, in radians
   * @return its middle
   */
  Point2D find(Point2D dot, double view, double width, double height) {
    Rectangle2D best = null;
    double lowest = Double.POSITIVE_INFINITY;
    for (int i = 0; i < DIRECTIONS; i++) {
      // To both sides by turns, so that of equal places the one nearer to the view is taken.
      int steps = (i + 1) / 2;
      double turn = (i % 2 == 0 ? steps : -steps) * 2 * Math.PI / DIRECTIONS;
      double dx = Math.cos(view + turn);
      double dy = Math.sin(view + turn);
      double reach = Math.abs(dx) * width / 2 + Math.abs(dy) * height / 2;
      double[] nearest = Math.abs(turn) < AHEAD ? new double[] {NEAREST, viewEnd} : SIDE;
      for (double clear : nearest) {
        for (int j = 0; j < DISTANCES; j++) {
          double distance = clear + reach + j * DISTANCE_STEP;
          Rectangle2D place = around(dot, dx * distance, dy * distance, width, height);
          double cost = cost(dot, place) + j * DISTANCE_COST + turnCost(turn, clear);
          if (cost < lowest) {
            lowest = cost;
            best = place;
          }
        }
      }
    }
    take(best);
    return new Point2D.Double(best.getCenterX(), best.getCenterY());
  }

  private static Rectangle2D around(
      Point2D dot, double dx, double dy, double width, double height) {
    return new Rectangle2D.Double(
        dot.getX() + dx - width / 2, dot.getY() + dy - height / 2, width, height);
  }

  /** None at the end of the field of view; little at right angles to it. */
  private double turnCost(double turn, double clear) {
    double fromSide = Math.abs(Math.abs(turn) - Math.PI / 2);
    if (turn == 0 && clear == viewEnd) {
      return 0;
    }
    return fromSide < Math.PI / DIRECTIONS ? SIDEWAYS_COST : SLANTED_COST;
  }

  private double cost(Point2D dot, Rectangle2D place) {
    double cost = bounds.contains(place) ? 0 : OVERLAP_COST;
    Rectangle2D wide =
        new Rectangle2D.Double(
            place.getX() - GAP,
            place.getY() - GAP,
            place.getWidth() + 2 * GAP,
            place.getHeight() + 2 * GAP);
    Point2D middle = new Point2D.Double(place.getCenterX(), place.getCenterY());
    Line2D leader = new Line2D.Double(dot, middle);
    for (Rectangle2D other : taken) {
      if (other.intersects(wide)) {
        cost += OVERLAP_COST;
      } else if (!other.contains(dot) && leader.intersects(other)) {
        cost += CROSSING_COST;
      }
    }
    if (views.stream().anyMatch(view -> view.contains(middle))) {
      cost += VIEW_COST;
    }
    for (Point2D point : path) {
      if (wide.contains(point)) {
        cost += PATH_COST;
      }
    }
    return cost;
  }
}
