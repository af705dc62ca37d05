package dev.orrery.model.vae22;

import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.runtime.checkpoint.JsonValue;
import java.util.Arrays;
import java.util.List;

/**
 * Sizes of a Wan 2.2 VAE.
 *
 * @param encoderDim channels of the encoder's first stage
 * @param decoderDim channels of the decoder's last stage
 * @param latentChannels channels of a latent
 * @param multipliers channels of each stage as multiples of these, in the encoder's order
 * @param resBlocks residual blocks of an encoder stage; a decoder stage has one more
 * @param temporalDownsample for each step between encoder stages, whether it also halves the frames
 * @param mean mean of each latent channel
 * @param std standard deviation of each latent channel
 */
public record Vae22Config(
    int encoderDim,
    int decoderDim,
    int latentChannels,
    List<Integer> multipliers,
    int resBlocks,
    List<Boolean> temporalDownsample,
    float[] mean,
    float[] std) {

  /**
   * Pixels of a latent pixel along one side: squares of 2 x 2 pixels, three steps between stages.
   */
  public static final int SPATIAL_RATIO = 16;

  /** Video frames of a latent frame, but for the first one, which is a single frame. */
  public static final int TEMPORAL_RATIO = 4;

  private static final float[] WAN_MEAN = {
    -0.2289f, -0.0052f, -0.1323f, -0.2339f, -0.2799f, 0.0174f, 0.1838f, 0.1557f,
    -0.1382f, 0.0542f, 0.2813f, 0.0891f, 0.1570f, -0.0098f, 0.0375f, -0.1825f,
    -0.2246f, -0.1207f, -0.0698f, 0.5109f, 0.2665f, -0.2108f, -0.2158f, 0.2502f,
    -0.2055f, -0.0322f, 0.1109f, 0.1567f, -0.0729f, 0.0899f, -0.2799f, -0.1230f,
    -0.0313f, -0.1649f, 0.0117f, 0.0723f, -0.2839f, -0.2083f, -0.0520f, 0.3748f,
    0.0152f, 0.1957f, 0.1433f, -0.2944f, 0.3573f, -0.0548f, -0.1681f, -0.0667f
  };
  private static final float[] WAN_STD = {
    0.4765f, 1.0364f, 0.4514f, 1.1677f, 0.5313f, 0.4990f, 0.4818f, 0.5013f,
    0.8158f, 1.0344f, 0.5894f, 1.0901f, 0.6885f, 0.6165f, 0.8454f, 0.4978f,
    0.5759f, 0.3523f, 0.7135f, 0.6804f, 0.5833f, 1.4146f, 0.8986f, 0.5659f,
    0.7069f, 0.5338f, 0.4889f, 0.4917f, 0.4069f, 0.4999f, 0.6866f, 0.4093f,
    0.5709f, 0.6065f, 0.6415f, 0.4944f, 0.5726f, 1.2042f, 0.5458f, 1.6887f,
    0.3971f, 1.0600f, 0.3943f, 0.5537f, 0.5444f, 0.4089f, 0.7468f, 0.7744f
  };

  public Vae22Config {
    boolean fits =
        encoderDim > 0
            && decoderDim > 0
            && multipliers.size() == 4
            && multipliers.stream().allMatch(multiple -> multiple > 0)
            && resBlocks > 0
            && temporalDownsample.equals(List.of(false, true, true))
            && mean.length == latentChannels
            && std.length == latentChannels;
    if (!fits) {
      throw new IllegalArgumentException(
          "vae: expected positive widths, four stages, temporal downsampling in the second and"
              + " third step, and one mean and std for each latent channel, found widths "
              + encoderDim
              + " and "
              + decoderDim
              + ", multipliers "
              + multipliers
              + ", residual blocks "
              + resBlocks
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
      if (!(std[c] > 0) || !Float.isFinite(std[c]) || !Float.isFinite(mean[c])) {
        throw new IllegalArgumentException(
            "vae: expected finite means and positive stds, found "
                + Arrays.toString(mean)
                + " and "
                + Arrays.toString(std));
      }
    }
  }

  /** The released VAE of Wan2.2-TI2V-5B. */
  public static Vae22Config wan22() {
    return new Vae22Config(
        160,
        256,
        WAN_MEAN.length,
        List.of(1, 2, 4, 4),
        2,
        List.of(false, true, true),
        WAN_MEAN,
        WAN_STD);
  }

  /**
   * Reads the {@code config.json} of a released VAE, as Diffusers writes it.
   *
   * @throws CheckpointException naming the value that does not fit
   */
  public static Vae22Config read(JsonValue json) {
    if (!json.bool("is_residual")) {
      throw json.get("is_residual").unexpected("true, as VAEs of Wan 2.2 have it");
    }
    if (json.has("attn_scales") && !json.get("attn_scales").asList().isEmpty()) {
      throw json.get("attn_scales").unexpected("[]");
    }
    if (json.integer("patch_size") != PackedPixels.SIDE) {
      throw json.get("patch_size").unexpected("" + PackedPixels.SIDE);
    }
    try {
      return new Vae22Config(
          json.integer("base_dim"),
          json.integer("decoder_base_dim"),
          json.integer("z_dim"),
          Arrays.stream(json.integers("dim_mult")).boxed().toList(),
          json.integer("num_res_blocks"),
          json.get("temperal_downsample").asList().stream().map(JsonValue::asBoolean).toList(),
          floats(json.numbers("latents_mean")),
          floats(json.numbers("latents_std")));
    } catch (IllegalArgumentException e) {
      throw new CheckpointException(json.source(), e.getMessage(), e);
    }
  }

  private static float[] floats(double[] values) {
    float[] out = new float[values.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = (float) values[i];
    }
    return out;
  }

  /** Channels of an encoder stage, the first being 0. */
  int encoderChannels(int stage) {
    return encoderDim * multipliers.get(stage);
  }

  /** Channels of a decoder stage, the first being 0, which has the encoder's last multiplier. */
  int decoderChannels(int stage) {
    return decoderDim * multipliers.get(lastStage() - stage);
  }

  /** Index of the last stage of encoder and decoder. */
  int lastStage() {
    return multipliers.size() - 1;
  }
}
