package dev.orrery.kernels.tornado;

import uk.ac.manchester.tornado.api.KernelContext;

/** The sum over the threads of a group, for kernels that reduce rows. */
public final class RowSum {
  /** Threads of a group; local arrays for a sum have as many elements. */
  public static final int THREADS = 64;

  private RowSum() {}

  /**
   * Sums a value of each thread, always in the same order. All threads of the group call it, and
   * all get the sum.
   *
   * @param shared a local array of {@link #THREADS} elements, free to be used again on return
   */
  public static float of(KernelContext context, float[] shared, float value) {
    int thread = context.localIdx;
    shared[thread] = value;
    for (int half = THREADS / 2; half > 0; half /= 2) {
      context.localBarrier();
      if (thread < half) {
        shared[thread] += shared[thread + half];
      }
    }
    context.localBarrier();
    float sum = shared[0];
    context.localBarrier();
    return sum;
  }
}
