package dev.orrery.model.sampling;

/**
 * Draws latents from the normal distributions that the encoders of autoencoders give, on the host.
 */
public final class NormalPosterior {
  private static final float MIN_LOG_VARIANCE = -30;
  private static final float MAX_LOG_VARIANCE = 20;

  private NormalPosterior() {}

  /**
   * Normalised latents, {@code (mean + exp(logVariance / 2) * noise - channelMean) / channelStd},
   * the logarithms clamped to [-30, 20]. Noise of zeros gives the means.
   *
   * @param moments {@code [P, 2C]}: of each pixel the means, then the logarithms of the variances
   * @param noise {@code [P, C]}, normal deviates
   * @param channelMean {@code [C]}, what latents have on average
   * @param channelStd {@code [C]}, how far they spread
   * @return {@code [P, C]}
   * @throws IllegalArgumentException if the lengths do not fit the channels
   */
  public static float[] sample(
      float[] moments, float[] noise, float[] channelMean, float[] channelStd) {
    int channels = channelMean.length;
    if (noise.length % channels != 0 || moments.length != 2 * noise.length) {
      throw new IllegalArgumentException(
          "moments: expected two for each of "
              + noise.length
              + " values of noise in pixels of "
              + channels
              + " channels, found "
              + moments.length);
    }
    float[] latents = new float[noise.length];
    for (int i = 0; i < latents.length; i++) {
      int channel = i % channels;
      int at = i / channels * 2 * channels + channel;
      double logVariance = Math.clamp(moments[at + channels], MIN_LOG_VARIANCE, MAX_LOG_VARIANCE);
      double value = moments[at] + StrictMath.exp(logVariance / 2) * noise[i];
      latents[i] = (float) ((value - channelMean[channel]) / channelStd[channel]);
    }
    return latents;
  }
}
