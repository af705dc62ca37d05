package dev.orrery.model.worldplay;

import dev.orrery.model.camera.RigidTransform;
import dev.orrery.runtime.random.Philox;
import java.util.ArrayList;
import java.util.List;

/**
 * How much of what one camera sees was seen by another: the share of random points in the view of
 * the one that lie in the view of the other, too.
 *
 * <p>The points lie in a ball of radius 8 around the current camera. What a camera sees is a {@link
 * FieldOfView}.
 *
 * <p>Source: {@code retrieval_context.py} of HY-WorldPlay. It computes angles in fp32; here their
 * cosines and tangents are compared in double precision, and only points in the view of the current
 * camera, which are the same for every pose, are kept.
 */
public final class FieldOfViewOverlap {
  private static final int POINTS = 50_000;

  /** Philox streams 0 and upwards belong to the noise of a session. */
  private static final long POINT_STREAM = -1;

  /** Points in the view of the current camera, in its axes. */
  private final PointTree points;

  private FieldOfViewOverlap(PointTree points) {
    this.points = points;
  }

  /** With points that are given: {@code [N, 3]}, in the ball around the origin. */
  public static FieldOfViewOverlap ofPoints(float[] points) {
    FieldOfView current = new FieldOfView(RigidTransform.IDENTITY);
    List<double[]> kept = new ArrayList<>();
    for (int i = 0; i < points.length; i += 3) {
      if (current.isAhead(points[i], points[i + 1], points[i + 2])) {
        kept.add(new double[] {points[i], points[i + 1], points[i + 2]});
      }
    }
    return new FieldOfViewOverlap(new PointTree(kept));
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
      double distance = FieldOfView.RADIUS * StrictMath.cbrt(unit(words[0]));
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
    return points.size();
  }

  /**
   * The share of the current camera's view that the other camera saw.
   *
   * @param currentFromOther the pose of the other camera in the axes of the current one
   * @param mostUnseen if a larger share was not seen, the result may be too large, but by it, too,
   *     a larger share was not seen, up to the rounding of fp32
   * @return 0 to 1, a quotient of fp32; 0 if no point is in the current view
   */
  double of(RigidTransform currentFromOther, double mostUnseen) {
    int count = points.size();
    if (count == 0) {
      return 0;
    }
    int unseen = points.unseen(new FieldOfView(currentFromOther), mostUnseen * count);
    return (float) (count - unseen) / count;
  }
}
