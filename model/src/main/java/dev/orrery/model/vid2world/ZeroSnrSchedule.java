package dev.orrery.model.vid2world;

import java.util.ArrayList;
import java.util.List;

/**
 * Noise levels of a diffusion model whose noisiest level has no signal at all. The share of the
 * signal's variance starts from betas whose roots are evenly spaced, {@code alphaBar_k = (1 -
 * beta_0) .. (1 - beta_k)}, and its root is moved and stretched so that the last level is zero and
 * the first stays. Level 0 is the cleanest, 999 is noise.
 *
 * <p>Besides, clean latents are scaled: by 1 at level 0, down to 0.7 at level 399 and beyond. A
 * step takes them from the scale of its level to that of the next.
 *
 * <p>Precision: double throughout.
 *
 * <p>Source: DynamiCrafter's {@code ddpm3d.py} and {@code ddim.py}; Lin et al., Common Diffusion
 * Noise Schedules and Sample Steps are Flawed, algorithm 1.
 */
final class ZeroSnrSchedule {
  /** Number of levels. */
  static final int LEVELS = 1000;

  /** Fewest steps: the past is noised to the level of the last step but one. */
  static final int LEAST_STEPS = 2;

  private static final double FIRST_BETA = 0.00085;
  private static final double LAST_BETA = 0.012;
  private static final int SCALED_LEVELS = 400;
  private static final double LEAST_SCALE = 0.7;

  private final double[] alphaBars = new double[LEVELS];

  ZeroSnrSchedule() {
    double first = Math.sqrt(FIRST_BETA);
    double last = Math.sqrt(LAST_BETA);
    double product = 1;
    for (int k = 0; k < LEVELS; k++) {
      double root = first + k * (last - first) / (LEVELS - 1);
      product *= 1 - root * root;
      alphaBars[k] = Math.sqrt(product);
    }
    double cleanest = alphaBars[0];
    double noisiest = alphaBars[LEVELS - 1];
    for (int k = 0; k < LEVELS; k++) {
      double root = (alphaBars[k] - noisiest) * cleanest / (cleanest - noisiest);
      alphaBars[k] = root * root;
    }
  }

  /** The share of the signal's variance at a level. */
  double alphaBar(int level) {
    return alphaBars[level];
  }

  private static double scale(int level) {
    double share = Math.min(level, SCALED_LEVELS - 1) / (SCALED_LEVELS - 1.0);
    return 1 + share * (LEAST_SCALE - 1);
  }

  /**
   * One step of DDIM from a velocity {@code v = sqrt(alphaBar) noise - sqrt(1 - alphaBar) clean}:
   * the sample at the next level is {@code sample * x + velocity * v + noise * draw}.
   *
   * @param timestep the level of x, which the network is told
   * @param sample what x is multiplied with
   * @param velocity what the velocity is multiplied with
   * @param noise what normal deviates are multiplied with
   */
  record Step(int timestep, double sample, double velocity, double noise) {}

  /** The levels of the steps, noisiest first: evenly spaced from 999 down. */
  static int[] timesteps(int count) {
    if (count < LEAST_STEPS || count > LEVELS) {
      throw new IllegalArgumentException(
          "steps: expected " + LEAST_STEPS + " to " + LEVELS + ", found " + count);
    }
    int[] timesteps = new int[count];
    for (int i = 0; i < count; i++) {
      timesteps[i] = (int) Math.rint(LEVELS - i * (double) LEVELS / count) - 1;
    }
    return timesteps;
  }

  /**
   * The steps from noise to level 0, where the last one ends; what is left of the noise there, 0.1
   * % of the variance, stays.
   *
   * @param count {@value #LEAST_STEPS} to {@value #LEVELS}
   * @param eta how much of the noise of each next level is drawn anew, 0 to 1
   */
  List<Step> ddim(int count, double eta) {
    int[] timesteps = timesteps(count);
    List<Step> steps = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int level = timesteps[i];
      boolean last = i == count - 1;
      double share = alphaBars[level];
      double next = alphaBars[last ? 0 : timesteps[i + 1]];
      double scaling = last ? 1 : scale(timesteps[i + 1]) / scale(level);
      double drawn = eta * Math.sqrt((1 - next) / (1 - share)) * Math.sqrt(1 - share / next);
      // Where all noise is drawn anew nothing of the old is left, which rounding may make negative.
      double kept = Math.sqrt(Math.max(0, 1 - next - drawn * drawn));
      // clean = sqrt(share) x - sqrt(1 - share) v and noise = sqrt(1 - share) x + sqrt(share) v.
      double clean = Math.sqrt(next) * scaling;
      double signal = Math.sqrt(share);
      double noise = Math.sqrt(1 - share);
      steps.add(
          new Step(level, clean * signal + kept * noise, kept * signal - clean * noise, drawn));
    }
    return List.copyOf(steps);
  }
}
