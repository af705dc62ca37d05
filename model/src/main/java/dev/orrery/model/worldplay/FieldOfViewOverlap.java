package dev.orrery.model.worldplay;

import dev.orrery.model.camera.RigidTransform;
import dev.orrery.runtime.random.Philox;
import java.util.Arrays;

/**
 * How much of what one camera sees was seen by another: the share of random points in the view of
 * the one that lie in the view of the other, too.
 *
 * <p>A view is the set of points whose azimuth is less than 30 degrees and whose elevation is less
 * than 17.5 degrees away from that of the camera's forward axis, at a distance of less than 8. A
 * camera's roll does not count. The points lie in a ball of radius 8 around the current camera.
 *
 * <p>Source: {@code retrieval_context.py} of HY-WorldPlay. It computes angles in fp32; here their
 * cosines and tangents are compared in double precision, and only points in the view of the current
 * camera, which are the same for every pose, are kept.
 */
public final class FieldOfViewOverlap {
  static final double HORIZONTAL_DEGREES = 60;
  static final double VERTICAL_DEGREES = 35;
  static final double RADIUS = 8;

  private static final int POINTS = 50_000;

  /** Philox streams 0 and upwards belong to the noise of a session. */
  private static final long POINT_STREAM = -1;

  /** Of half the horizontal angle. */
  private static final double SQUARED_COSINE =
      Math.pow(StrictMath.cos(Math.toRadians(HORIZONTAL_DEGREES / 2)), 2);

  /** Points in the view of the current camera, in its axes. */
  private final double[] x;

  private final double[] y;
  private final double[] z;

  private FieldOfViewOverlap(double[] x, double[] y, double[] z) {
    this.x = x;
    this.y = y;
    this.z = z;
  }

  /** With points that are given: {@code [N, 3]}, in the ball around the origin. */
  public static FieldOfViewOverlap ofPoints(float[] points) {
    View current = new View(RigidTransform.IDENTITY);
    int count = points.length / 3;
    double[][] kept = new double[3][count];
    int n = 0;
    for (int i = 0; i < count; i++) {
      kept[0][n] = points[3 * i];
      kept[1][n] = points[3 * i + 1];
      kept[2][n] = points[3 * i + 2];
      if (current.seesDirection(kept[0][n], kept[1][n], kept[2][n])) {
        n++;
      }
    }
    return new FieldOfViewOverlap(
        Arrays.copyOf(kept[0], n), Arrays.copyOf(kept[1], n), Arrays.copyOf(kept[2], n));
  }

  /**
   * With 50,000 points, uniform in the ball: the same ones for the same seed on every machine.
   * Point {@code i} comes from the first three Philox words of key {@code seed} and counter {@code
   * (i, -1)}, in units of 2^-32: the cube of its distance over that of the radius, its angle about
   * the z axis in turns, and the share of the z axis above it.
   */
  public static FieldOfViewOverlap seeded(long seed) {
    float[] points = new float[3 * POINTS];
    int[] words = new int[4];
    for (int i = 0; i < POINTS; i++) {
      Philox.words(seed, i, POINT_STREAM, words);
      double distance = RADIUS * StrictMath.cbrt(unit(words[0]));
      double angle = 2 * Math.PI * unit(words[1]);
      double cosine = 1 - 2 * unit(words[2]);
      double sine = StrictMath.sqrt(1 - cosine * cosine);
      points[3 * i] = (float) (distance * sine * StrictMath.cos(angle));
      points[3 * i + 1] = (float) (distance * sine * StrictMath.sin(angle));
      points[3 * i + 2] = (float) (distance * cosine);
    }
    return ofPoints(points);
  }

  private static double unit(int word) {
    return Integer.toUnsignedLong(word) * 0x1p-32;
  }

  /** How many points are in the view of the current camera. */
  int points() {
    return x.length;
  }

  /**
   * The share of the current camera's view that the other camera saw.
   *
   * @param currentFromOther the pose of the other camera in the axes of the current one
   * @return 0 to 1, a quotient of fp32; 0 if no point is in the current view
   */
  double of(RigidTransform currentFromOther) {
    if (x.length == 0) {
      return 0;
    }
    View other = new View(currentFromOther);
    int seen = 0;
    for (int i = 0; i < x.length; i++) {
      seen += other.sees(x[i], y[i], z[i]) ? 1 : 0;
    }
    return (float) seen / x.length;
  }

  /**
   * What a camera sees, in the axes of the current camera.
   *
   * <p>Angles are compared by the squares of their cosines and tangents, which keep the sign: a
   * point costs no root, and no branch whose way depends on it.
   */
  private static final class View {
    private final double centerX;
    private final double centerY;
    private final double centerZ;

    /** Horizontal direction of the forward axis, of length 1. */
    private final double forwardX;

    private final double forwardZ;

    /** Squared tangents of the lowest and the highest elevation. */
    private final double lowest;

    private final double highest;

    View(RigidTransform currentFromCamera) {
      centerX = currentFromCamera.translation(0);
      centerY = currentFromCamera.translation(1);
      centerZ = currentFromCamera.translation(2);
      double x = currentFromCamera.rotation(0, 2);
      double y = currentFromCamera.rotation(1, 2);
      double z = currentFromCamera.rotation(2, 2);
      double horizontal = StrictMath.sqrt(x * x + z * z);
      // A camera that looks straight up or down has azimuth 0.
      forwardX = horizontal == 0 ? 0 : x / horizontal;
      forwardZ = horizontal == 0 ? 1 : z / horizontal;
      double elevation = Math.toDegrees(StrictMath.atan2(y, horizontal));
      lowest = squaredTangent(elevation - VERTICAL_DEGREES / 2);
      highest = squaredTangent(elevation + VERTICAL_DEGREES / 2);
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

    boolean sees(double x, double y, double z) {
      double dx = x - centerX;
      double dy = y - centerY;
      double dz = z - centerZ;
      return dx * dx + dy * dy + dz * dz < RADIUS * RADIUS & seesDirection(dx, dy, dz);
    }

    boolean seesDirection(double dx, double dy, double dz) {
      double horizontalSquare = dx * dx + dz * dz;
      double ahead = signedSquare(dx * forwardX + dz * forwardZ);
      double up = signedSquare(dy);
      return ahead > SQUARED_COSINE * horizontalSquare
          & up > lowest * horizontalSquare
          & up < highest * horizontalSquare;
    }
  }
}
