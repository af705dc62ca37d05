package dev.orrery.cli.plot;

import dev.orrery.model.camera.Camera;
import dev.orrery.model.camera.CameraPath;
import dev.orrery.model.camera.RigidTransform;
import java.awt.geom.Point2D;
import java.math.BigDecimal;

/**
 * Maps a path as seen from above to pixels of a square: x to the right, z up, both at one scale,
 * the path in the middle.
 */
final class TopView {
  /** Room around the path for the fields of view and the numbers of its outermost cameras. */
  private static final double MARGIN = 92;

  /** In the unit of the model; a path that stays within this does not move. */
  private static final double STANDSTILL = 1e-6;

  private final double centerX;
  private final double centerZ;
  private final double extent;
  private final double pixelsPerUnit;
  private final int side;

  /**
   * @param side of the square, in pixels
   */
  TopView(CameraPath path, int side) {
    this.side = side;
    double[] x = range(path, 0);
    double[] z = range(path, 2);
    double span = Math.max(x[1] - x[0], z[1] - z[0]);
    centerX = (x[0] + x[1]) / 2;
    centerZ = (z[0] + z[1]) / 2;
    extent = span < STANDSTILL ? 0 : span;
    pixelsPerUnit = extent == 0 ? 0 : (side - 2 * MARGIN) / extent;
  }

  private static double[] range(CameraPath path, int row) {
    double[] range = {Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY};
    for (Camera camera : path.cameras()) {
      double value = camera.worldFromCamera().translation(row);
      range[0] = Math.min(range[0], value);
      range[1] = Math.max(range[1], value);
    }
    return range;
  }

  int side() {
    return side;
  }

  /** Whether the camera goes anywhere, seen from above. */
  boolean moves() {
    return extent > 0;
  }

  /** Where a camera stands. */
  Point2D at(RigidTransform worldFromCamera) {
    return at(worldFromCamera.translation(0), worldFromCamera.translation(2));
  }

  /** Where a point of the world is. */
  Point2D at(double x, double z) {
    return new Point2D.Double(
        side / 2.0 + pixelsPerUnit * (x - centerX), side / 2.0 - pixelsPerUnit * (z - centerZ));
  }

  /** A length of the world in pixels. */
  double pixels(double length) {
    return pixelsPerUnit * length;
  }

  /**
   * The first multiple of a length at or right of the left edge (x), or above the lower one (z).
   */
  double firstLine(double step, boolean alongX) {
    double edge = (alongX ? centerX : centerZ) - side / 2.0 / pixelsPerUnit;
    return step * Math.ceil(edge / step);
  }

  /** A length of one, two or five times a power of ten: the largest up to a quarter of the path. */
  double step() {
    double most = extent / 4;
    int exponent = (int) Math.floor(Math.log10(most));
    double digit = most / Math.pow(10, exponent);
    return new BigDecimal(digit >= 5 ? 5 : digit >= 2 ? 2 : 1)
        .scaleByPowerOfTen(exponent)
        .doubleValue();
  }
}
