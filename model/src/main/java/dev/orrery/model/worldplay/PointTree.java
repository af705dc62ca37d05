package dev.orrery.model.worldplay;

import java.util.Comparator;
import java.util.DoubleSummaryStatistics;
import java.util.List;

/**
 * Points in balls within balls, each with half of the points of the one around it: most views hold
 * a ball wholly or not at all, and then its points are counted at once.
 */
final class PointTree {
  /** A ball of so many is not divided. With 16 or 64 a search takes a tenth longer. */
  private static final int LEAF = 32;

  /** Of depths, which are rounded; cameras are at most 1e6 away. */
  private static final double ROUNDING = 1e-6;

  /** Points of a ball lie one behind the other. */
  private final double[] x;

  private final double[] y;
  private final double[] z;

  /** Of the balls: that with number {@code i} is divided into {@code 2 i} and {@code 2 i + 1}. */
  private final double[] centerX;

  private final double[] centerY;
  private final double[] centerZ;
  private final double[] radius;

  /**
   * A tree of some points.
   *
   * @param points of three coordinates each, which are brought into another order
   */
  PointTree(List<double[]> points) {
    int count = points.size();
    int balls = Integer.highestOneBit(Math.max(1, count / LEAF)) << 2;
    centerX = new double[balls];
    centerY = new double[balls];
    centerZ = new double[balls];
    radius = new double[balls];
    divide(1, points);
    x = points.stream().mapToDouble(it -> it[0]).toArray();
    y = points.stream().mapToDouble(it -> it[1]).toArray();
    z = points.stream().mapToDouble(it -> it[2]).toArray();
  }

  /** The smallest ball around the middle of some points, and those that it is divided into. */
  private void divide(int ball, List<double[]> points) {
    double[] middle = new double[3];
    int widest = 0;
    double width = 0;
    for (int axis = 0; axis < 3; axis++) {
      int a = axis;
      DoubleSummaryStatistics range = points.stream().mapToDouble(it -> it[a]).summaryStatistics();
      middle[axis] = (range.getMin() + range.getMax()) / 2;
      if (range.getMax() - range.getMin() > width) {
        width = range.getMax() - range.getMin();
        widest = axis;
      }
    }
    centerX[ball] = middle[0];
    centerY[ball] = middle[1];
    centerZ[ball] = middle[2];
    radius[ball] =
        ROUNDING + points.stream().mapToDouble(it -> distance(it, middle)).max().orElse(0);
    if (points.size() > LEAF) {
      int a = widest;
      points.sort(Comparator.comparingDouble(it -> it[a]));
      divide(2 * ball, points.subList(0, points.size() / 2));
      divide(2 * ball + 1, points.subList(points.size() / 2, points.size()));
    }
  }

  private static double distance(double[] point, double[] other) {
    return Math.sqrt(
        Math.pow(point[0] - other[0], 2)
            + Math.pow(point[1] - other[1], 2)
            + Math.pow(point[2] - other[2], 2));
  }

  /** How many points there are. */
  int size() {
    return x.length;
  }

  /**
   * How many points are not in a view.
   *
   * @param most if there are more, the result may be too small, but stays above this
   */
  int unseen(FieldOfView view, double most) {
    return unseen(view, most, 1, 0, x.length);
  }

  private int unseen(FieldOfView view, double most, int ball, int from, int to) {
    double depth = view.depth(centerX[ball], centerY[ball], centerZ[ball]);
    if (depth < -radius[ball]) {
      return to - from;
    }
    if (depth > radius[ball]) {
      return 0;
    }
    if (to - from <= LEAF) {
      return view.unseen(x, y, z, from, to);
    }
    int middle = (from + to) >>> 1;
    int unseen = unseen(view, most, 2 * ball, from, middle);
    return unseen > most ? unseen : unseen + unseen(view, most - unseen, 2 * ball + 1, middle, to);
  }
}
