package dev.orrery.model.sampling;

import java.util.Arrays;

/**
 * Noise levels of a flow-matching sampler of N steps, at equal distances and then shifted towards
 * noise: {@code s_i = 1 - i / N}, {@code sigma_i = shift s_i / (1 + (shift - 1) s_i)} for i = 0 ..
 * N. All values are fp32.
 *
 * <p>Source: the pipeline of HY-WorldPlay; Esser et al., Scaling Rectified Flow Transformers,
 * equation 23.
 */
public final class ShiftedFlowSchedule {
  private static final float TIMESTEPS_PER_SIGMA = 1000;

  private static final int LANES = 8;

  private final float[] sigmas;

  /**
   * A schedule.
   *
   * @param steps of the sampler, positive
   * @param shift 1 leaves the noise levels evenly spaced
   */
  public ShiftedFlowSchedule(int steps, double shift) {
    if (steps < 1) {
      throw new IllegalArgumentException("steps: expected a positive number, found " + steps);
    }
    sigmas = new float[steps + 1];
    for (int i = 0; i <= steps; i++) {
      float even = even(i, steps);
      sigmas[i] = (float) shift * even / (1 + (float) (shift - 1) * even);
    }
  }

  /**
   * {@code 1 - i / steps} as the reference's library rounds it on a CPU of eight lanes, two of them
   * at a time: the first of eight is counted from the nearer end, the others from that one; what is
   * left over, each from the nearer end. Timesteps near 1000 go into sines of hundreds of radians,
   * where a last place shows.
   */
  private static float even(int i, int steps) {
    float step = -1f / steps;
    boolean leftOver = (i / (2 * LANES) + 1) * 2 * LANES > steps + 1;
    int first = leftOver ? i : i / LANES * LANES;
    float start = first < (steps + 1) / 2 ? 1 + step * first : 0 - step * (steps - first);
    return start + step * (i - first);
  }

  /** Noise levels, one more than steps, from 1 down to 0. */
  public float[] sigmas() {
    return sigmas.clone();
  }

  /** The timestep of each step: a thousand times its noise level. */
  public float[] timesteps() {
    float[] timesteps = Arrays.copyOf(sigmas, sigmas.length - 1);
    for (int i = 0; i < timesteps.length; i++) {
      timesteps[i] *= TIMESTEPS_PER_SIGMA;
    }
    return timesteps;
  }
}
