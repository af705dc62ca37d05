package dev.orrery.model.klvae;

import dev.orrery.model.layers.PictureBlock;
import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.runtime.checkpoint.JsonValue;
import java.util.Arrays;
import java.util.List;

/**
 * Sizes of the autoencoder.
 *
 * @param baseChannels channels of the first level, a multiple of {@value PictureBlock#GROUPS}
 * @param multipliers channels of each level as multiples of the first's
 * @param resBlocks residual blocks of a level of the encoder; the decoder has one more
 * @param latentChannels channels of a latent
 * @param scale what latents are multiplied with before a network sees them
 */
public record KlVaeConfig(
    int baseChannels, List<Integer> multipliers, int resBlocks, int latentChannels, double scale) {
  /** A level more would need pictures of thousands of pixels for a single latent pixel. */
  private static final int MAX_LEVELS = 12;

  /** Far beyond every released model; keeps channels in an int. */
  private static final int MAX_CHANNELS = 1 << 16;

  public KlVaeConfig {
    multipliers = List.copyOf(multipliers);
    boolean fits =
        baseChannels > 0
            && baseChannels <= MAX_CHANNELS
            && baseChannels % PictureBlock.GROUPS == 0
            && !multipliers.isEmpty()
            && multipliers.size() <= MAX_LEVELS
            && multipliers.stream().allMatch(multiple -> multiple > 0 && multiple <= MAX_CHANNELS)
            && resBlocks > 0
            && latentChannels > 0
            && scale > 0
            && scale < Double.POSITIVE_INFINITY;
    if (!fits) {
      throw new IllegalArgumentException(
          "autoencoder: expected base channels that are a multiple of "
              + PictureBlock.GROUPS
              + ", 1 to "
              + MAX_LEVELS
              + " positive multipliers, 1 residual block or more, latent channels and a positive"
              + " scale, found "
              + baseChannels
              + ", "
              + multipliers
              + ", "
              + resBlocks
              + ", "
              + latentChannels
              + " and "
              + scale);
    }
  }

  /** The autoencoder of Stable Diffusion, whose latents have an eighth of the rows and columns. */
  public static KlVaeConfig released() {
    return new KlVaeConfig(128, List.of(1, 2, 4, 4), 2, 4, 0.18215);
  }

  /**
   * Reads a configuration with the names of the reference's {@code ddconfig}, the released sizes
   * where one is missing.
   *
   * @throws CheckpointException if it is of no autoencoder
   */
  public static KlVaeConfig read(JsonValue json) {
    KlVaeConfig released = released();
    int[] multipliers =
        json.integers(
            "ch_mult", released.multipliers.stream().mapToInt(Integer::intValue).toArray());
    try {
      return new KlVaeConfig(
          json.integer("ch", released.baseChannels),
          Arrays.stream(multipliers).boxed().toList(),
          json.integer("num_res_blocks", released.resBlocks),
          json.integer("z_channels", released.latentChannels),
          json.number("scale_factor", released.scale));
    } catch (IllegalArgumentException e) {
      throw new CheckpointException(json.source(), e.getMessage(), e);
    }
  }

  /** Pixels of a latent pixel along one side. */
  public int ratio() {
    return 1 << lastLevel();
  }

  /** Channels of a level, 0 being that of the pictures. */
  int channels(int level) {
    return Math.multiplyExact(baseChannels, multipliers.get(level));
  }

  /** Index of the level of the latents. */
  int lastLevel() {
    return multipliers.size() - 1;
  }
}
