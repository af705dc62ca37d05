package dev.orrery.kernels.tornado;

import uk.ac.manchester.tornado.api.KernelContext;

/** The sum over the threads of a group, for kernels that reduce rows. */
public final class RowSum {
  /** Threads of a group; local arrays for a sum have as many elements. */
  public static final int THREADS = 32;

  private static final int PART = 8;

  private RowSum() {}

  /**
   * Sums a value of each thread, always in the same order. All threads of the group call it, and
   * all get the sum.
   *
   * @param shared a local array of {@link #THREADS} elements, free to be used again on return
   */
  public static float of(KernelContext context, float[] shared, float value) {
    shared[context.localIdx] = value;
    context.localBarrier();
    // Each thread adds all of them up: that is quicker than a tree with a barrier for each level.
    float sum = 0f;
    for (int from = 0; from < THREADS; from += PART) {
      float part = 0f;
      for (int i = from; i < from + PART; i++) {
        part += shared[i];
      }
      sum += part;
    }
    context.localBarrier();
    return sum;
  }
}
