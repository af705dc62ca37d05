package dev.orrery.model.hunyuanvae;

import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.runtime.checkpoint.JsonValue;
import java.util.Arrays;
import java.util.List;

/**
 * Sizes of an autoencoder of HunyuanVideo-1.5.
 *
 * @param latentChannels channels of a latent
 * @param channels channels of each level in the encoder's order, the last one being the narrowest
 *     in pixels; the decoder has them in reverse
 * @param resBlocks residual blocks of an encoder level; a decoder level has one more
 * @param scale what means are multiplied by to become the latents that a transformer sees
 */
public record HunyuanVaeConfig(
    int latentChannels, List<Integer> channels, int resBlocks, double scale) {
  /** Pixels of a latent pixel along one side. */
  public static final int SPATIAL_RATIO = 16;

  /** Video frames of a latent frame, but for the first one, which is a single frame. */
  public static final int TEMPORAL_RATIO = 4;

  /** Steps between levels, each of which halves rows and columns. */
  private static final int STEPS = 4;

  /** Steps that halve the frames as well: the encoder's last, the decoder's first ones. */
  private static final int TEMPORAL_STEPS = 2;

  /** Pixels that a step makes one, along with a frame or two. */
  private static final int BOX = 4;

  /** Colours of a pixel. */
  static final int COLOURS = 3;

  public HunyuanVaeConfig {
    channels = List.copyOf(channels);
    boolean positive =
        latentChannels > 0
            && resBlocks > 0
            && channels.size() == STEPS + 1
            && channels.stream().allMatch(count -> count > 0);
    if (!positive || !Double.isFinite(scale) || scale <= 0) {
      throw new IllegalArgumentException(
          "vae: expected five levels and positive numbers, found levels "
              + channels
              + ", "
              + latentChannels
              + " latent channels, "
              + resBlocks
              + " residual blocks, scaling factor "
              + scale);
    }
    requireMultiple("channels of the last level", channels.getLast(), 2 * latentChannels);
    for (int step = 0; step < STEPS; step++) {
      int wide = channels.get(step);
      int narrow = channels.get(step + 1);
      int box = step < STEPS - TEMPORAL_STEPS ? BOX : 2 * BOX;
      String level = "channels of level " + (step + 1);
      // The encoder makes a box the channels of the next level; the decoder makes them a box.
      requireMultiple(level, narrow, box);
      requireMultiple(BOX + " times the channels of level " + step, BOX * wide, narrow);
    }
  }

  private static void requireMultiple(String what, int count, int divisor) {
    if (count % divisor != 0) {
      throw new IllegalArgumentException(
          "vae: " + what + ": expected a multiple of " + divisor + ", found " + count);
    }
  }

  /** The released autoencoder. */
  public static HunyuanVaeConfig released() {
    return new HunyuanVaeConfig(32, List.of(128, 256, 512, 1024, 1024), 2, 1.03682);
  }

  /**
   * Reads the {@code config.json} beside a released autoencoder.
   *
   * @throws CheckpointException naming the value that does not fit
   */
  public static HunyuanVaeConfig read(JsonValue json) {
    require(json, "ffactor_spatial", SPATIAL_RATIO);
    require(json, "ffactor_temporal", TEMPORAL_RATIO);
    for (String colours : List.of("in_channels", "out_channels")) {
      if (json.has(colours)) {
        require(json, colours, COLOURS);
      }
    }
    // Otherwise channels would change behind a step, in the first block of a level.
    for (String matched : List.of("downsample_match_channel", "upsample_match_channel")) {
      if (!json.bool(matched, true)) {
        throw json.get(matched).unexpected("true");
      }
    }
    if (json.number("shift_factor", 0) != 0) {
      throw json.get("shift_factor").unexpected("0 or null");
    }
    try {
      return new HunyuanVaeConfig(
          json.integer("latent_channels"),
          Arrays.stream(json.integers("block_out_channels")).boxed().toList(),
          json.integer("layers_per_block"),
          json.number("scaling_factor"));
    } catch (IllegalArgumentException e) {
      throw new CheckpointException(json.source(), e.getMessage(), e);
    }
  }

  private static void require(JsonValue json, String key, int value) {
    if (json.integer(key) != value) {
      throw json.get(key).unexpected("" + value);
    }
  }

  /** Index of the last level of encoder and decoder. */
  int lastLevel() {
    return STEPS;
  }

  /** Channels of an encoder level, the first being 0. */
  int encoderChannels(int level) {
    return channels.get(level);
  }

  /** Channels of a decoder level, the first being 0. */
  int decoderChannels(int level) {
    return channels.get(STEPS - level);
  }

  /** Whether the step behind an encoder level halves the frames. */
  boolean encoderHalvesFrames(int level) {
    return level >= STEPS - TEMPORAL_STEPS;
  }

  /** Whether the step behind a decoder level doubles the frames. */
  boolean decoderDoublesFrames(int level) {
    return level < TEMPORAL_STEPS;
  }
}
