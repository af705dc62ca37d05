package dev.orrery.model.taehv;

import dev.orrery.runtime.checkpoint.JsonValue;
import java.util.Arrays;
import java.util.List;

/**
 * Sizes of a TAEHV decoder.
 *
 * @param latentChannels channels of a latent
 * @param widths channels of the three stages, then those in front of the last convolution
 * @param patch side of the squares of pixels that the last convolution makes
 */
public record TaehvConfig(int latentChannels, List<Integer> widths, int patch) {
  private static final List<Integer> PUBLISHED_WIDTHS = List.of(256, 128, 64, 64);

  /** Every stage doubles rows and columns. */
  private static final int STAGES_RATIO = 8;

  /** Frames that every latent frame becomes, the first one too. */
  public static final int TEMPORAL_RATIO = 4;

  public TaehvConfig {
    widths = List.copyOf(widths);
    if (latentChannels <= 0
        || widths.size() != 4
        || widths.stream().anyMatch(width -> width <= 0)
        || patch <= 0) {
      throw new IllegalArgumentException(
          "taehv: expected positive latent channels, four positive widths and a positive patch,"
              + " found "
              + latentChannels
              + ", "
              + widths
              + " and "
              + patch);
    }
  }

  /** A decoder with the widths of the published ones, which are the same of all. */
  public static TaehvConfig published(int latentChannels, int patch) {
    return new TaehvConfig(latentChannels, PUBLISHED_WIDTHS, patch);
  }

  /** The published decoder for Wan 2.1. */
  public static TaehvConfig wan21() {
    return published(16, 1);
  }

  /** The published decoder for Wan 2.2. */
  public static TaehvConfig wan22() {
    return published(48, 2);
  }

  /** The published decoder for HunyuanVideo-1.5. */
  public static TaehvConfig hunyuanVideo15() {
    return published(32, 2);
  }

  /**
   * The same with other widths, where a section of a configuration has some.
   *
   * @throws IllegalArgumentException if they do not fit
   */
  public TaehvConfig read(JsonValue section) {
    int[] given = section.integers("widths", widths.stream().mapToInt(Integer::intValue).toArray());
    return new TaehvConfig(latentChannels, Arrays.stream(given).boxed().toList(), patch);
  }

  /** Pixels of a latent pixel along one side. */
  public int spatialRatio() {
    return STAGES_RATIO * patch;
  }
}
