package dev.orrery.model.vae;

import java.util.Arrays;
import java.util.List;

/**
 * Sizes of a Wan 2.1 VAE.
 *
 * @param dim channels of the first stage
 * @param latentChannels channels of a latent
 * @param multipliers channels of each stage as multiples of dim
 * @param resBlocks residual blocks of an encoder stage; a decoder stage has one more
 * @param temporalDownsample for each step between encoder stages, whether it also halves the frames
 * @param mean mean of each latent channel
 * @param std standard deviation of each latent channel
 */
public record VaeConfig(
    int dim,
    int latentChannels,
    List<Integer> multipliers,
    int resBlocks,
    List<Boolean> temporalDownsample,
    float[] mean,
    float[] std) {

  /** Pixels of a latent pixel along one side: three steps between four stages. */
  public static final int SPATIAL_RATIO = 8;

  /** Video frames of a latent frame, but for the first one, which is a single frame. */
  public static final int TEMPORAL_RATIO = 4;

  private static final float[] WAN_MEAN = {
    -0.7571f, -0.7089f, -0.9113f, 0.1075f, -0.1745f, 0.9653f, -0.1517f, 1.5508f,
    0.4134f, -0.0715f, 0.5517f, -0.3632f, -0.1922f, -0.9497f, 0.2503f, -0.2921f
  };
  private static final float[] WAN_STD = {
    2.8184f, 1.4541f, 2.3275f, 2.6558f, 1.2196f, 1.7708f, 2.6052f, 2.0743f,
    3.2687f, 2.1526f, 2.8652f, 1.5579f, 1.6382f, 1.1253f, 2.8251f, 1.9160f
  };

  public VaeConfig {
    boolean fits =
        dim > 0
            && multipliers.size() == 4
            && multipliers.stream().allMatch(multiple -> multiple > 0)
            && resBlocks > 0
            && temporalDownsample.equals(List.of(false, true, true))
            && mean.length == latentChannels
            && std.length == latentChannels;
    if (!fits) {
      throw new IllegalArgumentException(
          "vae: expected four stages of positive widths, temporal downsampling in the second and third step, and one mean and std for each"
              + " latent channel, found multipliers "
              + multipliers
              + ", downsampling "
              + temporalDownsample
              + ", "
              + latentChannels
              + " channels, "
              + mean.length
              + " means, "
              + std.length
              + " stds");
    }
    for (int c = 0; c < latentChannels; c++) {
      if (!(std[c] > 0) || !Float.isFinite(mean[c]) || !Float.isFinite(std[c])) {
        throw new IllegalArgumentException(
            "vae: expected finite means and positive stds, found "
                + Arrays.toString(mean)
                + " and "
                + Arrays.toString(std));
      }
    }
  }

  /** The released Wan 2.1 VAE, at another width if so wished. */
  public static VaeConfig wan21(int dim) {
    return new VaeConfig(
        dim,
        WAN_MEAN.length,
        List.of(1, 2, 4, 4),
        2,
        List.of(false, true, true),
        WAN_MEAN,
        WAN_STD);
  }
}
