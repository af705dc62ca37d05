package dev.orrery.cli.plot;

import dev.orrery.model.camera.Camera;
import dev.orrery.model.camera.CameraPath;
import dev.orrery.model.camera.RigidTransform;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.Shape;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Line2D;
import java.awt.geom.Path2D;
import java.awt.geom.Point2D;
import java.awt.geom.Rectangle2D;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Draws a camera path from above: the way as a line in the colours of time, and for each shown
 * frame a dot, its number and its horizontal field of view, which a camera that looks up or down
 * has foreshortened.
 *
 * <p>The line keeps to the right of the way, so that a way back lies beside the way out. Dots lie
 * where the cameras are; of those at one place the earlier ones are larger.
 */
final class PathPlot {
  private static final Color BACKGROUND = new Color(0xFAFAFB);
  private static final Color FRAME = new Color(0xD5D7DC);
  private static final Color GRID = new Color(0xECEDF0);
  private static final Color SCALE = new Color(0x5A5F69);

  private static final double LINE = 3;
  private static final double DOT = 6.5;
  private static final double RING = 3.5;
  private static final double LARGEST_DOT = 15;

  /** Length of a field of view, and that where nothing moves, of the plot's side. */
  private static final double VIEW = 40;

  private static final double VIEW_IN_PLACE = 0.24;
  private static final int VIEW_RAYS = 24;

  /** Fields of view lie over each other. */
  private static final int VIEW_ALPHA = 46;

  private static final int VIEW_EDGE_ALPHA = 150;

  private static final double DIGITS = 12;
  private static final double INSET = 20;
  private static final double ARROW = 26;

  /** From the edge of the plot to the nearest number. */
  private static final double INSIDE = 6;

  private final CameraPath path;
  private final TopView view;
  private final double viewLength;

  PathPlot(CameraPath path, int side) {
    this.path = path;
    this.view = new TopView(path, side);
    this.viewLength = view.moves() ? VIEW : VIEW_IN_PLACE * side;
  }

  /** Where the dot of a latent frame is. */
  Point2D dot(int latentFrame) {
    return view.at(path.at(latentFrame).worldFromCamera());
  }

  /** Draws the plot with its upper left corner at the origin. */
  void draw(Graphics2D g, int[] shown) {
    int side = view.side();
    Rectangle2D square = new Rectangle2D.Double(0.5, 0.5, side - 1, side - 1);
    g.setColor(BACKGROUND);
    g.fill(square);
    List<Shape> views = Arrays.stream(shown).mapToObj(this::fieldOfView).toList();
    Rectangle2D inside =
        new Rectangle2D.Double(INSIDE, INSIDE, side - 2 * INSIDE, side - 2 * INSIDE);
    BadgePlaces places = new BadgePlaces(inside, viewLength, way(), views);
    if (view.moves()) {
      drawGrid(g);
      places.take(drawScale(g));
    }
    places.take(drawAxes(g));
    drawWay(g);
    for (int i = 0; i < shown.length; i++) {
      drawView(g, views.get(i), TimeColors.at(shown[i], path.frames()));
    }
    drawDots(g, shown, places);
    g.setStroke(new BasicStroke(1));
    g.setColor(FRAME);
    g.draw(square);
  }

  private void drawGrid(Graphics2D g) {
    double step = view.step();
    int side = view.side();
    g.setStroke(new BasicStroke(1));
    g.setColor(GRID);
    for (double x = view.firstLine(step, true); view.at(x, 0).getX() < side; x += step) {
      g.draw(new Line2D.Double(view.at(x, 0).getX(), 0, view.at(x, 0).getX(), side));
    }
    for (double z = view.firstLine(step, false); view.at(0, z).getY() > 0; z += step) {
      g.draw(new Line2D.Double(0, view.at(0, z).getY(), side, view.at(0, z).getY()));
    }
  }

  /** A bar that is as long as the lines of the grid are apart; returns its place. */
  private Rectangle2D drawScale(Graphics2D g) {
    double length = view.pixels(view.step());
    double y = view.side() - INSET;
    String text = BigDecimal.valueOf(view.step()).stripTrailingZeros().toPlainString();
    g.setColor(SCALE);
    StrokeFont.drawCentered(g, text, DIGITS, INSET + length / 2, y - 6 - DIGITS);
    g.setStroke(new BasicStroke(2));
    g.draw(new Line2D.Double(INSET, y, INSET + length, y));
    g.draw(new Line2D.Double(INSET, y - 5, INSET, y + 5));
    g.draw(new Line2D.Double(INSET + length, y - 5, INSET + length, y + 5));
    return new Rectangle2D.Double(INSET - 4, y - 26, length + 8, 34);
  }

  /** Arrows along x and z; returns their place. */
  private Rectangle2D drawAxes(Graphics2D g) {
    double x = view.side() - INSET - ARROW - DIGITS;
    double y = view.side() - INSET;
    g.setColor(SCALE);
    g.setStroke(new BasicStroke(2, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
    Path2D arrows = new Path2D.Double();
    arrows.moveTo(x + ARROW - 5, y - 4);
    arrows.lineTo(x + ARROW, y);
    arrows.lineTo(x + ARROW - 5, y + 4);
    arrows.moveTo(x + ARROW, y);
    arrows.lineTo(x, y);
    arrows.lineTo(x, y - ARROW);
    arrows.moveTo(x - 4, y - ARROW + 5);
    arrows.lineTo(x, y - ARROW);
    arrows.lineTo(x + 4, y - ARROW + 5);
    g.draw(arrows);
    StrokeFont.drawCentered(g, "x", DIGITS, x + ARROW + 10, y - 0.2 * DIGITS);
    StrokeFont.drawCentered(g, "z", DIGITS, x, y - ARROW - 13);
    return new Rectangle2D.Double(x - 8, y - ARROW - 22, ARROW + 26, ARROW + 32);
  }

  /** Points of the path, a few pixels apart, each once however often the camera passes. */
  private List<Point2D> way() {
    Set<Point2D> way = new LinkedHashSet<>();
    Point2D from = dot(0);
    for (int frame = 1; frame < path.frames(); frame++) {
      Point2D to = dot(frame);
      double length = from.distance(to);
      for (double at = 0; at < length; at += LINE) {
        double x = from.getX() + at / length * (to.getX() - from.getX());
        double y = from.getY() + at / length * (to.getY() - from.getY());
        way.add(new Point2D.Double(LINE * Math.rint(x / LINE), LINE * Math.rint(y / LINE)));
      }
      from = to;
    }
    return List.copyOf(way);
  }

  private void drawWay(Graphics2D g) {
    g.setStroke(new BasicStroke((float) LINE, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
    Point2D from = dot(0);
    Point2D laneEnd = null;
    for (int frame = 1; frame < path.frames(); frame++) {
      Point2D to = dot(frame);
      double length = from.distance(to);
      // Less has no direction; it is drawn when there is more of it.
      if (length < 0.5) {
        continue;
      }
      double right = LINE * 0.75 / length;
      double dx = -right * (to.getY() - from.getY());
      double dy = right * (to.getX() - from.getX());
      Path2D lane = new Path2D.Double();
      Point2D start = laneEnd == null ? from : laneEnd;
      lane.moveTo(start.getX(), start.getY());
      lane.lineTo(from.getX() + dx, from.getY() + dy);
      laneEnd = new Point2D.Double(to.getX() + dx, to.getY() + dy);
      lane.lineTo(laneEnd.getX(), laneEnd.getY());
      g.setColor(TimeColors.at(frame, path.frames()));
      g.draw(lane);
      from = to;
    }
  }

  /** The sector that the camera sees, by its intrinsics. */
  private Shape fieldOfView(int frame) {
    Camera camera = path.at(frame);
    double half = Math.atan(1 / (2 * camera.intrinsics().normalisedFocalX()));
    Point2D dot = dot(frame);
    Path2D sector = new Path2D.Double();
    sector.moveTo(dot.getX(), dot.getY());
    for (int ray = 0; ray <= VIEW_RAYS; ray++) {
      double angle = half * (2.0 * ray / VIEW_RAYS - 1);
      Point2D end = seen(camera.worldFromCamera(), angle);
      sector.lineTo(dot.getX() + end.getX(), dot.getY() + end.getY());
    }
    sector.closePath();
    return sector;
  }

  private static void drawView(Graphics2D g, Shape sector, Color color) {
    g.setColor(transparent(color, VIEW_ALPHA));
    g.fill(sector);
    g.setColor(transparent(color, VIEW_EDGE_ALPHA));
    g.setStroke(new BasicStroke(1, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
    g.draw(sector);
  }

  /** Where a ray of the camera's horizontal plane ends, from the camera, in pixels. */
  private Point2D seen(RigidTransform worldFromCamera, double angle) {
    double x = Math.sin(angle);
    double z = Math.cos(angle);
    double worldX = worldFromCamera.rotation(0, 0) * x + worldFromCamera.rotation(0, 2) * z;
    double worldZ = worldFromCamera.rotation(2, 0) * x + worldFromCamera.rotation(2, 2) * z;
    return new Point2D.Double(viewLength * worldX, -viewLength * worldZ);
  }

  private static Color transparent(Color color, int alpha) {
    return new Color(color.getRed(), color.getGreen(), color.getBlue(), alpha);
  }

  private void drawDots(Graphics2D g, int[] shown, BadgePlaces places) {
    double[] radii = radii(shown);
    for (int i = 0; i < shown.length; i++) {
      places.take(circle(dot(shown[i]), radii[i]).getBounds2D());
    }
    List<Runnable> badges = new ArrayList<>();
    for (int frame : shown) {
      Color color = TimeColors.at(frame, path.frames());
      Badge badge = new Badge(frame, color);
      Point2D ahead = seen(path.at(frame).worldFromCamera(), 0);
      Point2D place =
          places.find(
              dot(frame), Math.atan2(ahead.getY(), ahead.getX()), badge.width(), Badge.HEIGHT);
      g.setColor(color);
      g.setStroke(new BasicStroke(1.5f));
      g.draw(new Line2D.Double(dot(frame), place));
      badges.add(() -> badge.draw(g, place.getX(), place.getY()));
    }
    for (int i = 0; i < shown.length; i++) {
      g.setColor(Color.WHITE);
      g.fill(circle(dot(shown[i]), radii[i] + 1.2));
      g.setColor(TimeColors.at(shown[i], path.frames()));
      g.fill(circle(dot(shown[i]), radii[i]));
    }
    badges.forEach(Runnable::run);
  }

  /** Radii of dots: those at one place are rings around the latest. */
  private double[] radii(int[] shown) {
    double[] radii = new double[shown.length];
    for (int i = 0; i < shown.length; i++) {
      int later = 0;
      for (int j = i + 1; j < shown.length; j++) {
        if (dot(shown[i]).distance(dot(shown[j])) < RING) {
          later++;
        }
      }
      radii[i] = Math.min(LARGEST_DOT, DOT + RING * later);
    }
    return radii;
  }

  private static Ellipse2D circle(Point2D center, double radius) {
    return new Ellipse2D.Double(
        center.getX() - radius, center.getY() - radius, 2 * radius, 2 * radius);
  }
}
