package dev.orrery.model.worldplayhy;

import dev.orrery.model.sampling.ShiftedFlowSchedule;
import java.util.Arrays;

/**
 * How noise becomes latents: Euler steps down a schedule of noise levels.
 *
 * @param shift of the schedule towards noise
 * @param sigmas noise levels, one more than steps
 * @param timesteps of the steps
 * @param guidance how far a step goes from what the negative prompt says to what the prompt says
 *     and beyond; 1 to ask the prompt alone
 */
record WorldPlayHySampler(double shift, float[] sigmas, float[] timesteps, double guidance) {
  /** A sampler of evenly spaced and then shifted noise levels. */
  static WorldPlayHySampler of(int steps, double shift, double guidance) {
    ShiftedFlowSchedule schedule = new ShiftedFlowSchedule(steps, shift);
    return new WorldPlayHySampler(shift, schedule.sigmas(), schedule.timesteps(), guidance);
  }

  /** The same, ended after some steps. */
  WorldPlayHySampler first(int steps) {
    return new WorldPlayHySampler(
        shift, Arrays.copyOf(sigmas, steps + 1), Arrays.copyOf(timesteps, steps), guidance);
  }

  /** The same with another number of steps. */
  WorldPlayHySampler withSteps(int steps) {
    return of(steps, shift, guidance);
  }

  int steps() {
    return timesteps.length;
  }

  /** Whether a negative prompt is asked, too. */
  boolean guided() {
    return guidance != 1;
  }
}
