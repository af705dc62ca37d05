package dev.orrery.model.vae22;

import dev.orrery.model.sampling.NormalPosterior;

/**
 * Draws latents from the normal distributions that {@link Vae22Encoder} gives. It is done once a
 * session, for one frame, and on the host.
 */
public final class LatentPosterior {
  private LatentPosterior() {}

  /**
   * Normalised latents, {@code (mean + exp(logVariance / 2) * noise - channelMean) / channelStd},
   * the logarithms clamped to [-30, 20].
   *
   * @param moments {@code [P, 2C]}: of each pixel the means, then the logarithms of the variances
   * @param noise {@code [P, C]}, normal deviates
   * @return {@code [P, C]}
   * @throws IllegalArgumentException if the lengths do not fit the config's channels
   */
  public static float[] sample(float[] moments, float[] noise, Vae22Config config) {
    return NormalPosterior.sample(moments, noise, config.mean(), config.std());
  }
}
