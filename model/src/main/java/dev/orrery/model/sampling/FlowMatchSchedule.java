package dev.orrery.model.sampling;

import java.util.List;

/**
 * Noise levels of a flow-matching model whose schedule is shifted towards noise: {@code s_i = 1 -
 * i/1000}, {@code sigma_i = shift s_i / (1 + (shift - 1) s_i)}, {@code timestep_i = 1000 sigma_i}
 * for i = 0 .. 999. All values are fp32.
 *
 * <p>Source: {@code FlowMatchScheduler} of Wan 2.1 with {@code extra_one_step}; Esser et al.,
 * Scaling Rectified Flow Transformers, equation 23.
 */
public final class FlowMatchSchedule {
  private static final int STEPS = 1000;

  private final float[] sigmas = new float[STEPS];
  private final float[] timesteps = new float[STEPS];

  /** A schedule with the given shift; 1 leaves the noise levels evenly spaced. */
  public FlowMatchSchedule(double shift) {
    for (int i = 0; i < STEPS; i++) {
      float s = (float) (1 - (double) i / STEPS);
      sigmas[i] = (float) shift * s / (1 + (float) (shift - 1) * s);
      timesteps[i] = sigmas[i] * STEPS;
    }
  }

  /** Noise levels, from 1 downwards. */
  public float[] sigmas() {
    return sigmas.clone();
  }

  /** Timesteps, from 1000 downwards. */
  public float[] timesteps() {
    return timesteps.clone();
  }

  /**
   * The timesteps a few-step sampler visits, given as positions in the table counted from its end:
   * {@code d} selects entry {@code 1000 - d}, and 0 is the timestep 0.
   */
  public float[] warped(List<Integer> steps) {
    float[] out = new float[steps.size()];
    for (int i = 0; i < out.length; i++) {
      int step = steps.get(i);
      if (step < 0 || step > STEPS) {
        throw new IllegalArgumentException(
            "denoising step: expected 0 to " + STEPS + ", found " + step);
      }
      out[i] = step == 0 ? 0 : timesteps[STEPS - step];
    }
    return out;
  }

  /**
   * The noise level of a timestep: that of the nearest table entry, of two equally near ones the
   * noisier.
   */
  public float sigmaAt(float timestep) {
    int nearest = 0;
    for (int i = 1; i < STEPS; i++) {
      if (Math.abs(timesteps[i] - timestep) < Math.abs(timesteps[nearest] - timestep)) {
        nearest = i;
      }
    }
    return sigmas[nearest];
  }
}
