package dev.orrery.model.taehv;

import java.util.List;

/**
 * Sizes of a TAEHV decoder for the latents of the Wan 2.1 VAE.
 *
 * @param latentChannels channels of a latent
 * @param widths channels of the three stages, then those in front of the last convolution
 */
public record TaehvConfig(int latentChannels, List<Integer> widths) {
  /** Pixels of a latent pixel along one side: every stage doubles rows and columns. */
  public static final int SPATIAL_RATIO = 8;

  /** Frames that every latent frame becomes, the first one too. */
  public static final int TEMPORAL_RATIO = 4;

  public TaehvConfig {
    widths = List.copyOf(widths);
    if (latentChannels <= 0
        || widths.size() != 4
        || widths.stream().anyMatch(width -> width <= 0)) {
      throw new IllegalArgumentException(
          "taehv: expected positive latent channels and four positive widths, found "
              + latentChannels
              + " and "
              + widths);
    }
  }

  /** The published decoder for Wan 2.1. */
  public static TaehvConfig wan21() {
    return new TaehvConfig(16, List.of(256, 128, 64, 64));
  }
}
