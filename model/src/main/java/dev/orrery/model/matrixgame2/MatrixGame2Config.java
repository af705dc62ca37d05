package dev.orrery.model.matrixgame2;

import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.clip.ImageEncoderConfig;
import dev.orrery.model.layers.AttentionPrecision;
import dev.orrery.model.session.LatentDecoder;
import dev.orrery.model.taehv.TaehvConfig;
import dev.orrery.model.vae.VaeConfig;
import dev.orrery.model.wan.DecoderSettings;
import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.runtime.checkpoint.JsonValue;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Everything about a model but its weights.
 *
 * @param variant keys and their meaning
 * @param height rows of a video frame
 * @param width columns of a video frame
 * @param framesPerChunk latent frames that are generated together
 * @param timestepShift how far the noise levels are shifted towards noise
 * @param warpSteps whether {@code denoisingSteps} are positions in the shifted table rather than
 *     timesteps
 * @param denoisingSteps what the sampler visits, noisiest first
 * @param contextNoise timestep of the pass that writes a finished chunk into the caches
 * @param dit the transformer
 * @param vae the video autoencoder
 * @param decoders what makes the frames
 * @param imageEncoder the encoder of the start image
 */
record MatrixGame2Config(
    Variant variant,
    int height,
    int width,
    int framesPerChunk,
    double timestepShift,
    boolean warpSteps,
    List<Integer> denoisingSteps,
    float contextNoise,
    MatrixGame2TransformerConfig dit,
    VaeConfig vae,
    DecoderSettings decoders,
    ImageEncoderConfig imageEncoder) {

  static final String FAMILY = "matrix-game-2";
  private static final String CONFIG = "config.json";
  private static final String SESSION = "session.json";
  private static final int[] RELEASED_RESOLUTION = {352, 640};
  private static final int RELEASED_VAE_DIM = 96;

  /** Far beyond every released model; keeps the sizes of what is computed on the heap in an int. */
  private static final int MAX_PIXELS = 1 << 24;

  /**
   * Reads the configuration of a folder. {@code config.json} is either that of a released model,
   * which describes the transformer alone, or has all sections. With a released one, {@code
   * session.json} may stand beside it to say something else than the released variant's settings.
   *
   * @throws CheckpointException if a file is missing or does not describe a model
   */
  static MatrixGame2Config read(Path folder) {
    JsonValue config = JsonValue.read(folder.resolve(CONFIG));
    requireFamily(config);
    if (config.has("dit")) {
      return read(config, config.get("dit"));
    }
    Path session = folder.resolve(SESSION);
    JsonValue settings =
        Files.exists(session)
            ? JsonValue.read(session)
            : JsonValue.parse(
                folder.resolve(CONFIG).toString(),
                "{}".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
    return read(settings, config);
  }

  /** Released configurations name no family; those of others do, or have other settings. */
  private static void requireFamily(JsonValue config) {
    if (!config.string("family", FAMILY).equals(FAMILY)) {
      throw config.get("family").unexpected(FAMILY);
    }
  }

  /**
   * Reads a configuration.
   *
   * @param settings the session's settings; all of them have a default but those that a released
   *     model fixes
   * @param transformer the transformer's sizes
   */
  static MatrixGame2Config read(JsonValue settings, JsonValue transformer) {
    requireFamily(settings);
    MatrixGame2TransformerConfig sizes = MatrixGame2TransformerConfig.read(transformer);
    MatrixGame2TransformerConfig dit =
        sizes.with(AttentionPrecision.read(settings, sizes.headDim()));
    Variant variant = variant(settings, transformer, dit);
    try {
      VaeConfig vae = vae(settings);
      MatrixGame2Config config =
          new MatrixGame2Config(
              variant,
              resolution(settings)[0],
              resolution(settings)[1],
              settings.integer("num_frame_per_block", 3),
              settings.number("timestep_shift", 5.0),
              settings.bool("warp_denoising_step", true),
              steps(settings, variant),
              (float) settings.number("context_noise", 0),
              dit,
              vae,
              DecoderSettings.read(settings, TaehvConfig.published(vae.latentChannels(), 1)),
              imageEncoder(settings));
      config.check(settings, transformer);
      return config;
    } catch (IllegalArgumentException e) {
      throw new CheckpointException(settings.source(), e.getMessage(), e);
    }
  }

  private static Variant variant(
      JsonValue settings, JsonValue transformer, MatrixGame2TransformerConfig dit) {
    Variant variant;
    try {
      variant = Variant.of(dit.action());
    } catch (IllegalArgumentException e) {
      throw new CheckpointException(transformer.source(), e.getMessage(), e);
    }
    String named = settings.string("variant", variant.id());
    if (!named.toLowerCase(Locale.ROOT).equals(variant.id())) {
      throw settings.get("variant").unexpected(variant.id() + " as the action_config says");
    }
    return variant;
  }

  private static int[] resolution(JsonValue settings) {
    int[] size = settings.integers("resolution", RELEASED_RESOLUTION);
    if (size.length != 2) {
      throw settings.get("resolution").unexpected("[rows, columns]");
    }
    return size;
  }

  private static List<Integer> steps(JsonValue settings, Variant variant) {
    if (!settings.has("denoising_step_list")) {
      return variant.denoisingSteps();
    }
    List<Integer> steps = Arrays.stream(settings.integers("denoising_step_list")).boxed().toList();
    boolean fits = !steps.isEmpty();
    for (int i = 0; i < steps.size(); i++) {
      fits &=
          steps.get(i) > 0 && steps.get(i) <= 1000 && (i == 0 || steps.get(i) < steps.get(i - 1));
    }
    if (!fits) {
      throw settings.get("denoising_step_list").unexpected("falling numbers from 1000 to 1");
    }
    return steps;
  }

  private static VaeConfig vae(JsonValue settings) {
    if (!settings.has("vae")) {
      return VaeConfig.wan21(RELEASED_VAE_DIM);
    }
    JsonValue json = settings.get("vae");
    VaeConfig wan = VaeConfig.wan21(json.positive("dim"));
    List<Boolean> temporal = wan.temporalDownsample();
    if (json.has("temperal_downsample")) {
      temporal = new ArrayList<>();
      for (JsonValue step : json.get("temperal_downsample").asList()) {
        temporal.add(step.asBoolean());
      }
    }
    return new VaeConfig(
        wan.dim(),
        json.integer("z_dim", wan.latentChannels()),
        json.has("dim_mult")
            ? Arrays.stream(json.integers("dim_mult")).boxed().toList()
            : wan.multipliers(),
        json.integer("num_res_blocks", wan.resBlocks()),
        temporal,
        json.has("latents_mean") ? floats(json.numbers("latents_mean")) : wan.mean(),
        json.has("latents_std") ? floats(json.numbers("latents_std")) : wan.std());
  }

  private static float[] floats(double[] values) {
    float[] out = new float[values.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = (float) values[i];
    }
    return out;
  }

  private static ImageEncoderConfig imageEncoder(JsonValue settings) {
    if (!settings.has("image_encoder")) {
      return ImageEncoderConfig.vitHuge14(ImageEncoderConfig.VIT_HUGE_14_BLOCKS - 1);
    }
    JsonValue json = settings.get("image_encoder");
    return new ImageEncoderConfig(
        json.positive("image_size"),
        json.positive("patch_size"),
        json.positive("dim"),
        json.positive("num_heads"),
        // All but the last one run.
        json.positive("num_layers") - 1);
  }

  private void check(JsonValue settings, JsonValue transformer) {
    int side = VaeConfig.SPATIAL_RATIO * dit.patch();
    if (height < side
        || width < side
        || height % side != 0
        || width % side != 0
        || (long) height * width > MAX_PIXELS) {
      throw settings
          .get("resolution")
          .unexpected(
              "rows and columns that are multiples of "
                  + side
                  + " and at most "
                  + MAX_PIXELS
                  + " pixels");
    }
    if (framesPerChunk < 1 || framesPerChunk > dit.localAttnSize() - dit.sinkSize()) {
      throw settings
          .get("num_frame_per_block")
          .unexpected(
              "1 to local_attn_size - sink_size = " + (dit.localAttnSize() - dit.sinkSize()));
    }
    long chunkBytes = 3L * VaeConfig.TEMPORAL_RATIO * framesPerChunk * height * width;
    if (chunkBytes > Integer.MAX_VALUE) {
      throw settings.get("num_frame_per_block").unexpected("chunks of less than 2 GiB of pixels");
    }
    if (!(contextNoise >= 0) || contextNoise > 1000) {
      throw settings.get("context_noise").unexpected("a timestep from 0 to 1000");
    }
    if (!(timestepShift > 0)) {
      throw settings.get("timestep_shift").unexpected("a positive number");
    }
    if (dit.outDim() != vae.latentChannels() || dit.maskChannels() != VaeConfig.TEMPORAL_RATIO) {
      throw transformer
          .get("in_dim")
          .unexpected(
              "two latents of "
                  + vae.latentChannels()
                  + " channels and a mask of "
                  + VaeConfig.TEMPORAL_RATIO);
    }
    if (dit.imageDim() != imageEncoder.dim()) {
      throw transformer
          .get("img_dim")
          .unexpected("the image encoder's dim = " + imageEncoder.dim());
    }
    if (dit.action().timeRatio() != VaeConfig.TEMPORAL_RATIO) {
      throw transformer
          .get("action_config")
          .get("vae_time_compression_ratio")
          .unexpected("" + VaeConfig.TEMPORAL_RATIO);
    }
  }

  /** The same with another decoder. */
  MatrixGame2Config withDecoder(LatentDecoder decoder) {
    return new MatrixGame2Config(
        variant,
        height,
        width,
        framesPerChunk,
        timestepShift,
        warpSteps,
        denoisingSteps,
        contextNoise,
        dit,
        vae,
        decoders.with(decoder),
        imageEncoder);
  }

  /** Rows of a latent. */
  int latentHeight() {
    return height / VaeConfig.SPATIAL_RATIO;
  }

  /** Columns of a latent. */
  int latentWidth() {
    return width / VaeConfig.SPATIAL_RATIO;
  }

  /** Tokens of a latent frame. */
  int tokensPerFrame() {
    return latentHeight() / dit.patch() * (latentWidth() / dit.patch());
  }

  /** Room for the latents of one chunk, {@code [F, h, w, C]}. */
  Tensor emptyLatents(TensorArena arena) {
    return arena.empty(
        DType.F32, framesPerChunk, latentHeight(), latentWidth(), vae.latentChannels());
  }

  /**
   * Video frames that chunk {@code chunk} has: its latent frames four each, but the very first one.
   */
  int framesOfChunk(int chunk) {
    return VaeConfig.TEMPORAL_RATIO * framesPerChunk
        - (chunk == 0 ? VaeConfig.TEMPORAL_RATIO - 1 : 0);
  }

  /** Index of the first video frame of a chunk. */
  long firstFrameOfChunk(int chunk) {
    return chunk == 0
        ? 0
        : (long) VaeConfig.TEMPORAL_RATIO * framesPerChunk * chunk - (VaeConfig.TEMPORAL_RATIO - 1);
  }
}
