package dev.orrery.model.worldplayhy;

import dev.orrery.model.hunyuanvae.HunyuanVaeConfig;
import dev.orrery.model.layers.AttentionPrecision;
import dev.orrery.model.session.LatentDecoder;
import dev.orrery.model.siglip.SiglipConfig;
import dev.orrery.model.taehv.TaehvConfig;
import dev.orrery.model.wan.DecoderSettings;
import dev.orrery.model.worldplay.FrameSize;
import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.runtime.checkpoint.JsonValue;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Everything about a model but its weights. {@code config.json} of a model's folder has
 *
 * <pre>
 * family          "worldplay-hy8b"
 * resolution      [rows, columns], [480, 832] if missing
 * steps           of the sampler for each chunk, 4 if missing
 * guidance        1 if missing: a distilled model; the others have 50 steps and a guidance of 6
 * flow_shift      of the noise levels, 5 if missing
 * attention       "int8", see {@link AttentionPrecision}; "float" if missing
 * vision_tokens   states of a picture, for models without an encoder of images; 729 if missing
 * decoder, taehv  see {@link DecoderSettings}
 * </pre>
 *
 * @param height rows of a video frame
 * @param width columns of a video frame
 * @param dit the transformer
 * @param vae the video autoencoder
 * @param decoders what makes the frames
 * @param sampler how noise becomes latents
 * @param siglip what looks at the picture, if it is there
 * @param visionTokens tokens that say what the picture shows
 */
record WorldPlayHyConfig(
    int height,
    int width,
    WorldPlayHyTransformerConfig dit,
    HunyuanVaeConfig vae,
    DecoderSettings decoders,
    WorldPlayHySampler sampler,
    Optional<SiglipConfig> siglip,
    int visionTokens) {
  static final String FAMILY = "worldplay-hy8b";

  /** Of SigLIP, 27 patches to each side. */
  static final int VISION_TOKENS = 729;

  /** The folder of the encoder of images. */
  static final String IMAGE_ENCODER = "image_encoder";

  private static final String CONFIG = "config.json";

  private static final FrameSize RELEASED_SIZE = new FrameSize(480, 832);

  /** As the decoder's stages enlarge by 8, and a latent pixel is 16 pixels wide. */
  private static final int TAEHV_PATCH = 2;

  private static final int RELEASED_STEPS = 4;
  private static final double FLOW_SHIFT = 5;
  private static final int MAX_STEPS = 1000;

  /**
   * Reads the configuration of a model's folder.
   *
   * @throws dev.orrery.runtime.checkpoint.CheckpointException if a file is missing, or they do not
   *     describe a model
   */
  static WorldPlayHyConfig read(Path folder) {
    JsonValue settings = JsonValue.read(folder.resolve(CONFIG));
    // Before the other files, which other families do not have.
    requireFamily(settings);
    Path encoder = folder.resolve(IMAGE_ENCODER);
    return read(
        settings,
        JsonValue.read(folder.resolve("transformer").resolve(CONFIG)),
        JsonValue.read(folder.resolve("vae").resolve(CONFIG)),
        Files.isDirectory(encoder)
            ? Optional.of(JsonValue.read(encoder.resolve(CONFIG)))
            : Optional.empty());
  }

  private static void requireFamily(JsonValue settings) {
    if (!settings.string("family").equals(FAMILY)) {
      throw settings.get("family").unexpected(FAMILY);
    }
  }

  /**
   * Reads a configuration.
   *
   * @param settings {@code config.json} of the model's folder
   * @param transformer {@code config.json} beside the transformer
   * @param autoencoder {@code config.json} beside the VAE
   * @param images {@code config.json} beside the encoder of images, if there is one
   * @throws dev.orrery.runtime.checkpoint.CheckpointException if they do not describe a model
   */
  static WorldPlayHyConfig read(
      JsonValue settings,
      JsonValue transformer,
      JsonValue autoencoder,
      Optional<JsonValue> images) {
    requireFamily(settings);
    WorldPlayHyTransformerConfig sizes = WorldPlayHyTransformerConfig.read(transformer);
    WorldPlayHyTransformerConfig dit =
        sizes.with(AttentionPrecision.read(settings, sizes.headDim()));
    HunyuanVaeConfig vae = HunyuanVaeConfig.read(autoencoder);
    if (dit.channels() != vae.latentChannels()) {
      throw transformer
          .get("in_channels")
          .unexpected("the latent channels of the VAE, " + vae.latentChannels());
    }
    FrameSize size = FrameSize.read(settings, RELEASED_SIZE, HunyuanVaeConfig.SPATIAL_RATIO);
    Optional<SiglipConfig> siglip = images.map(json -> siglip(json, dit));
    int vision = siglip.map(SiglipConfig::tokens).orElseGet(() -> visionTokens(settings));
    DecoderSettings decoders =
        DecoderSettings.read(settings, TaehvConfig.published(vae.latentChannels(), TAEHV_PATCH));
    return new WorldPlayHyConfig(
        size.height(), size.width(), dit, vae, decoders, sampler(settings), siglip, vision);
  }

  private static SiglipConfig siglip(JsonValue json, WorldPlayHyTransformerConfig dit) {
    SiglipConfig siglip = SiglipConfig.of(json);
    if (siglip.dim() != dit.states().vision()) {
      throw new CheckpointException(
          json.source(),
          "expected an encoder of "
              + dit.states().vision()
              + " channels, as the transformer takes them, found "
              + siglip.dim());
    }
    return siglip;
  }

  private static int visionTokens(JsonValue settings) {
    int vision = settings.integer("vision_tokens", VISION_TOKENS);
    if (vision < 1 || vision > VISION_TOKENS) {
      throw settings.get("vision_tokens").unexpected("1 to " + VISION_TOKENS);
    }
    return vision;
  }

  private static WorldPlayHySampler sampler(JsonValue settings) {
    int steps = settings.integer("steps", RELEASED_STEPS);
    if (steps < 1 || steps > MAX_STEPS) {
      throw settings.get("steps").unexpected("1 to " + MAX_STEPS);
    }
    double guidance = settings.number("guidance", 1);
    if (!(guidance >= 1 && guidance <= 100)) {
      throw settings.get("guidance").unexpected("a number from 1 to 100");
    }
    double shift = settings.number("flow_shift", FLOW_SHIFT);
    if (!(shift > 0 && shift <= 100)) {
      throw settings.get("flow_shift").unexpected("a positive number up to 100");
    }
    return WorldPlayHySampler.of(steps, shift, guidance);
  }

  /**
   * The same with another number of steps.
   *
   * @throws IllegalArgumentException if there cannot be so many
   */
  WorldPlayHyConfig withSteps(int steps) {
    if (steps < 1 || steps > MAX_STEPS) {
      throw new IllegalArgumentException("expected 1 to " + MAX_STEPS + ", found " + steps);
    }
    return new WorldPlayHyConfig(
        height, width, dit, vae, decoders, sampler.withSteps(steps), siglip, visionTokens);
  }

  /** The same with another decoder. */
  WorldPlayHyConfig withDecoder(LatentDecoder decoder) {
    return new WorldPlayHyConfig(
        height, width, dit, vae, decoders.with(decoder), sampler, siglip, visionTokens);
  }

  /** Rows of a latent. */
  int latentHeight() {
    return height / HunyuanVaeConfig.SPATIAL_RATIO;
  }

  /** Columns of a latent. */
  int latentWidth() {
    return width / HunyuanVaeConfig.SPATIAL_RATIO;
  }

  /** Values of a latent frame. */
  int latentValues() {
    return latentHeight() * latentWidth() * vae.latentChannels();
  }
}
