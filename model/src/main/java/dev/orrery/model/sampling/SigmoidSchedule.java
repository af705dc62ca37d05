package dev.orrery.model.sampling;

import java.util.ArrayList;
import java.util.List;

/**
 * Noise levels of a diffusion model whose noise grows along a sigmoid: with {@code s(u) =
 * (sigmoid(3) - sigmoid(6u - 3)) / (sigmoid(3) - sigmoid(-3))} and {@code beta_k = min(1 - s((k +
 * 1) / 1000) / s(k / 1000), 0.999)}, the share of the signal at level k is {@code alphaBar_k = (1 -
 * beta_0) ... (1 - beta_k)}. Level 0 is the cleanest, 999 is noise.
 *
 * <p>Precision: betas are rounded to fp32, the ends of the sigmoid too, and each product once.
 *
 * <p>Source: {@code sigmoid_beta_schedule} of open-oasis; Jabri et al., Scalable Adaptive
 * Computation for Iterative Generation, appendix B.
 */
public final class SigmoidSchedule {
  private static final int LEVELS = 1000;
  private static final double MAX_BETA = 0.999;

  private final double[] betas = new double[LEVELS];
  private final float[] alphaBars = new float[LEVELS];

  /** The schedule, which has no settings. */
  public SigmoidSchedule() {
    double low = (float) sigmoid(-3);
    double high = (float) sigmoid(3);
    double first = (high - sigmoid(-3)) / (high - low);
    double before = 1;
    double product = 1;
    for (int k = 0; k < LEVELS; k++) {
      double after = (high - sigmoid(6 * ((k + 1) / (double) LEVELS) - 3)) / (high - low) / first;
      betas[k] = Math.clamp(1 - after / before, 0, MAX_BETA);
      product *= 1 - (float) betas[k];
      alphaBars[k] = (float) product;
      before = after;
    }
  }

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  /** How much of the signal's variance each level takes, before the rounding to fp32. */
  public double[] betas() {
    return betas.clone();
  }

  /** The share of the signal's variance at each level, cleanest first. */
  public float[] alphaBars() {
    return alphaBars.clone();
  }

  /**
   * One step of DDIM from a predicted velocity {@code v = sqrt(alphaBar) noise - sqrt(1 - alphaBar)
   * clean}: the sample at the next level is {@code sample * x + velocity * v}.
   *
   * @param timestep the level of x, which the model is told
   * @param sample what x is multiplied with
   * @param velocity what the velocity is multiplied with
   */
  public record Step(int timestep, double sample, double velocity) {}

  /**
   * The steps from noise to a clean sample. Their levels are evenly spaced and cut to whole ones;
   * the last step ends at the clean sample itself rather than at a level.
   *
   * @param count at least 1, at most 1000
   */
  public List<Step> ddim(int count) {
    if (count < 1 || count > LEVELS) {
      throw new IllegalArgumentException("steps: expected 1 to " + LEVELS + ", found " + count);
    }
    List<Step> steps = new ArrayList<>();
    for (int k = count; k > 0; k--) {
      int level = level(k, count);
      double share = alphaBars[level];
      double next = k == 1 ? 1 : alphaBars[level(k - 1, count)];
      // clean = sqrt(share) x - sqrt(1 - share) v and noise = sqrt(1 - share) x + sqrt(share) v.
      double clean = Math.sqrt(next);
      double noise = Math.sqrt(1 - next);
      steps.add(
          new Step(
              level,
              clean * Math.sqrt(share) + noise * Math.sqrt(1 - share),
              noise * Math.sqrt(share) - clean * Math.sqrt(1 - share)));
    }
    return List.copyOf(steps);
  }

  private static int level(int k, int count) {
    return (int) (-1 + k * (double) LEVELS / count);
  }
}
