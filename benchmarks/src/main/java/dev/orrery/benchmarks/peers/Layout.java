package dev.orrery.benchmarks.peers;

import java.util.Arrays;

/** Orders of axes: the kernels have channels last, other libraries have them first. */
final class Layout {
  private Layout() {}

  /** Number of values of a shape. */
  static int size(int... shape) {
    return Arrays.stream(shape).reduce(1, Math::multiplyExact);
  }

  static long[] longs(int... shape) {
    return Arrays.stream(shape).asLongStream().toArray();
  }

  /**
   * Values in another order of their axes.
   *
   * @param shape of the values
   * @param order axis {@code i} of the result is axis {@code order[i]} of the values
   */
  static float[] permuted(float[] values, int[] shape, int... order) {
    int[] steps = new int[order.length];
    int[] extents = new int[order.length];
    for (int axis = 0; axis < order.length; axis++) {
      extents[axis] = shape[order[axis]];
      steps[axis] = size(Arrays.copyOfRange(shape, order[axis] + 1, shape.length));
    }
    float[] result = new float[values.length];
    int[] at = new int[order.length];
    int from = 0;
    for (int to = 0; to < result.length; to++) {
      result[to] = values[from];
      for (int axis = order.length - 1; axis >= 0; axis--) {
        from += steps[axis];
        if (++at[axis] < extents[axis]) {
          break;
        }
        from -= steps[axis] * extents[axis];
        at[axis] = 0;
      }
    }
    return result;
  }
}
