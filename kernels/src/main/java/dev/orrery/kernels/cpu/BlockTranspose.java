package dev.orrery.kernels.cpu;

import jdk.incubator.vector.FloatVector;

/**
 * Transposes one block of LANES x LANES values between places of any stride, by the zips of {@link
 * Panels}. Convolutions turn rows of channels-last pixels into planes with it.
 */
public final class BlockTranspose {
  private static final int LANES = SimdTile.LANES;

  private BlockTranspose() {}

  /**
   * Transposes a block of LANES x LANES values and stores the first {@code count} rows of the
   * result in ascending order.
   *
   * @param from LANES rows of LANES values, {@code fromStride} apart, from {@code fromAt} on
   * @param work working memory of 2 * LANES * LANES values from {@code workAt} on
   * @param to rows of LANES values, {@code toStride} apart, from {@code toAt} on
   * @param count rows to store, from 1 to LANES
   */
  public static void run(
      float[] from,
      int fromAt,
      int fromStride,
      float[] work,
      int workAt,
      float[] to,
      int toAt,
      int toStride,
      int count) {
    int source = workAt;
    int target = workAt + LANES * LANES;
    zip(from, fromAt, fromStride, work, source, LANES, LANES);
    for (int rows = 4; rows < LANES; rows *= 2) {
      zip(work, source, LANES, work, target, LANES, LANES);
      int swap = source;
      source = target;
      target = swap;
    }
    zip(work, source, LANES, to, toAt, toStride, count);
  }

  /** One pass. */
  private static void zip(
      float[] from, int fromAt, int fromStride, float[] to, int toAt, int toStride, int count) {
    for (int i = 0; 2 * i < count; i++) {
      int at = fromAt + i * fromStride;
      FloatVector a = FloatVector.fromArray(SimdTile.SPECIES, from, at);
      FloatVector b = FloatVector.fromArray(SimdTile.SPECIES, from, at + LANES / 2 * fromStride);
      int out = toAt + 2 * i * toStride;
      Panels.low(a, b).intoArray(to, out);
      if (2 * i + 1 < count) {
        Panels.high(a, b).intoArray(to, out + toStride);
      }
    }
  }
}
