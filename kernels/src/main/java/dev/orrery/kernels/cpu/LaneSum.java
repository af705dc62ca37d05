package dev.orrery.kernels.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShuffle;

/**
 * The sum over the lanes of a vector in one fixed order. {@code reduceLanes(ADD)} leaves the order open, and indeed adds in
 * one order while interpreted and in another once compiled, so that a result would change while the machine warms up.
 */
public final class LaneSum {
  private static final VectorShuffle<Float> BY_8 = exchange(8);
  private static final VectorShuffle<Float> BY_4 = exchange(4);
  private static final VectorShuffle<Float> BY_2 = exchange(2);
  private static final VectorShuffle<Float> BY_1 = exchange(1);

  private LaneSum() {}

  /** The sum of all lanes of a vector of {@link SimdTile#SPECIES}, halves added to each other until one lane is left. */
  public static float of(FloatVector vector) {
    FloatVector sum = vector;
    if (SimdTile.LANES >= 16) {
      sum = sum.add(sum.rearrange(BY_8));
    }
    if (SimdTile.LANES >= 8) {
      sum = sum.add(sum.rearrange(BY_4));
    }
    if (SimdTile.LANES >= 4) {
      sum = sum.add(sum.rearrange(BY_2));
    }
    return sum.add(sum.rearrange(BY_1)).lane(0);
  }

  private static VectorShuffle<Float> exchange(int distance) {
    return VectorShuffle.fromOp(SimdTile.SPECIES, lane -> (lane ^ distance) % SimdTile.LANES);
  }
}
