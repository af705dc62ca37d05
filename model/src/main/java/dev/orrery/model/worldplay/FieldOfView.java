package dev.orrery.model.worldplay;

import dev.orrery.model.camera.RigidTransform;

/**
 * What a camera sees, in the axes of the current camera: points whose azimuth is less than 30
 * degrees and whose elevation is less than 17.5 degrees away from that of its forward axis, at a
 * distance of less than 8. Its roll does not count.
 */
final class FieldOfView {
  static final double HORIZONTAL_DEGREES = 60;
  static final double VERTICAL_DEGREES = 35;
  static final double RADIUS = 8;

  /** Of half the horizontal angle. */
  private static final double SINE = StrictMath.sin(Math.toRadians(HORIZONTAL_DEGREES / 2));

  private static final double COSINE = StrictMath.cos(Math.toRadians(HORIZONTAL_DEGREES / 2));
  private static final double SQUARED_COSINE = Math.pow(COSINE, 2);

  /** Of half the vertical angle. */
  private static final double SINE_UP = StrictMath.sin(Math.toRadians(VERTICAL_DEGREES / 2));

  private static final double COSINE_UP = StrictMath.cos(Math.toRadians(VERTICAL_DEGREES / 2));

  private final double centerX;
  private final double centerY;
  private final double centerZ;

  /** Length of the horizontal part of the forward axis, and its height. */
  private final double horizontal;

  private final double height;

  /** Horizontal direction of the forward axis, of length 1. */
  private final double forwardX;

  private final double forwardZ;

  /** Sines and cosines of the lowest and the highest elevation, at most a right angle. */
  private final double lowestSine;

  private final double lowestCosine;
  private final double highestSine;
  private final double highestCosine;

  /** Squared tangents of the same, as exactly as points are compared with them. */
  private double lowest = Double.NaN;

  private double highest = Double.NaN;

  FieldOfView(RigidTransform currentFromCamera) {
    centerX = currentFromCamera.translation(0);
    centerY = currentFromCamera.translation(1);
    centerZ = currentFromCamera.translation(2);
    double x = currentFromCamera.rotation(0, 2);
    double z = currentFromCamera.rotation(2, 2);
    height = currentFromCamera.rotation(1, 2);
    horizontal = Math.sqrt(x * x + z * z);
    // A camera that looks straight up or down has azimuth 0.
    forwardX = horizontal == 0 ? 0 : x / horizontal;
    forwardZ = horizontal == 0 ? 1 : z / horizontal;
    double length = Math.sqrt(horizontal * horizontal + height * height);
    double cosine = horizontal / length;
    double sine = height / length;
    // Beyond the zenith there is nothing, and nothing is cut off.
    lowestCosine = Math.max(0, cosine * COSINE_UP + sine * SINE_UP);
    lowestSine = lowestCosine == 0 ? -1 : sine * COSINE_UP - cosine * SINE_UP;
    highestCosine = Math.max(0, cosine * COSINE_UP - sine * SINE_UP);
    highestSine = highestCosine == 0 ? 1 : sine * COSINE_UP + cosine * SINE_UP;
  }

  /**
   * How far a point is inside the view, in double precision: a ball around it of a smaller radius
   * lies in the view. If this is negative, a ball of a smaller radius than its amount lies outside.
   */
  double depth(double x, double y, double z) {
    double dx = x - centerX;
    double dy = y - centerY;
    double dz = z - centerZ;
    double horizontalSquare = dx * dx + dz * dz;
    double aside = Math.sqrt(horizontalSquare);
    double distance = Math.sqrt(horizontalSquare + dy * dy);
    double ahead = dx * forwardX + dz * forwardZ;
    double across = Math.abs(dx * forwardZ - dz * forwardX);
    double sides = Math.min(RADIUS - distance, ahead * SINE - across * COSINE);
    double heights =
        Math.min(dy * lowestCosine - aside * lowestSine, aside * highestSine - dy * highestCosine);
    return Math.min(sides, heights);
  }

  /** How many of the points from one index up to another are not in the view. */
  int unseen(double[] x, double[] y, double[] z, int from, int to) {
    findElevations();
    int unseen = 0;
    for (int i = from; i < to; i++) {
      unseen += sees(x[i], y[i], z[i]) ? 0 : 1;
    }
    return unseen;
  }

  /** Whether a point, at whatever distance from the camera, is in the direction of the view. */
  boolean isAhead(double x, double y, double z) {
    findElevations();
    return seesDirection(x - centerX, y - centerY, z - centerZ);
  }

  /** Most views are told apart without. */
  private void findElevations() {
    if (Double.isNaN(lowest)) {
      double elevation = Math.toDegrees(StrictMath.atan2(height, horizontal));
      lowest = squaredTangent(elevation - VERTICAL_DEGREES / 2);
      highest = squaredTangent(elevation + VERTICAL_DEGREES / 2);
    }
  }

  private static double squaredTangent(double degrees) {
    // No point is above the zenith.
    return Math.abs(degrees) >= 90
        ? Math.copySign(Double.POSITIVE_INFINITY, degrees)
        : signedSquare(StrictMath.tan(Math.toRadians(degrees)));
  }

  private static double signedSquare(double x) {
    return x * Math.abs(x);
  }

  private boolean sees(double x, double y, double z) {
    double dx = x - centerX;
    double dy = y - centerY;
    double dz = z - centerZ;
    return dx * dx + dy * dy + dz * dz < RADIUS * RADIUS & seesDirection(dx, dy, dz);
  }

  /**
   * Angles are compared by the squares of their cosines and tangents, which keep the sign: a point
   * costs no root, and no branch whose way depends on it.
   */
  private boolean seesDirection(double dx, double dy, double dz) {
    double horizontalSquare = dx * dx + dz * dz;
    double ahead = signedSquare(dx * forwardX + dz * forwardZ);
    double up = signedSquare(dy);
    return ahead > SQUARED_COSINE * horizontalSquare
        & up > lowest * horizontalSquare
        & up < highest * horizontalSquare;
  }
}
