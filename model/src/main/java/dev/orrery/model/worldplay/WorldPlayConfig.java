package dev.orrery.model.worldplay;

import dev.orrery.model.layers.AttentionPrecision;
import dev.orrery.model.session.LatentDecoder;
import dev.orrery.model.taehv.TaehvConfig;
import dev.orrery.model.vae22.Vae22Config;
import dev.orrery.model.wan.DecoderSettings;
import dev.orrery.runtime.checkpoint.JsonValue;
import java.nio.file.Path;

/**
 * Everything about a model but its weights.
 *
 * @param height rows of a video frame
 * @param width columns of a video frame
 * @param dit the transformer
 * @param vae the video autoencoder
 * @param decoders what makes the frames
 */
record WorldPlayConfig(
    int height,
    int width,
    WorldPlayTransformerConfig dit,
    Vae22Config vae,
    DecoderSettings decoders) {
  static final String FAMILY = "worldplay-wan5b";

  private static final String CONFIG = "config.json";

  private static final FrameSize RELEASED_SIZE = new FrameSize(704, 1280);

  /** As the decoder's stages enlarge by 8, and a latent pixel is 16 pixels wide. */
  private static final int TAEHV_PATCH = 2;

  /**
   * Reads the configuration of a model's folder.
   *
   * @throws dev.orrery.runtime.checkpoint.CheckpointException if a file is missing, or they do not
   *     describe a model
   */
  static WorldPlayConfig read(Path folder) {
    JsonValue settings = JsonValue.read(folder.resolve(CONFIG));
    // Before the other files, which other families do not have.
    requireFamily(settings);
    return read(
        settings,
        JsonValue.read(folder.resolve("transformer").resolve(CONFIG)),
        JsonValue.read(folder.resolve("vae").resolve(CONFIG)));
  }

  private static void requireFamily(JsonValue settings) {
    if (!settings.string("family").equals(FAMILY)) {
      throw settings.get("family").unexpected(FAMILY);
    }
  }

  /**
   * Reads a configuration.
   *
   * @param settings {@code config.json} of the model's folder: {@code family}, {@code resolution}
   *     if it is not the released one, {@code attention}, see {@link AttentionPrecision}, and
   *     {@link DecoderSettings}
   * @param transformer {@code config.json} beside the transformer
   * @param autoencoder {@code config.json} beside the VAE
   * @throws dev.orrery.runtime.checkpoint.CheckpointException if they do not describe a model
   */
  static WorldPlayConfig read(JsonValue settings, JsonValue transformer, JsonValue autoencoder) {
    requireFamily(settings);
    WorldPlayTransformerConfig sizes = WorldPlayTransformerConfig.read(transformer);
    WorldPlayTransformerConfig dit = sizes.with(AttentionPrecision.read(settings, sizes.headDim()));
    Vae22Config vae = Vae22Config.read(autoencoder);
    if (dit.channels() != vae.latentChannels()) {
      throw transformer
          .get("in_channels")
          .unexpected("the latent channels of the VAE, " + vae.latentChannels());
    }
    int side = Vae22Config.SPATIAL_RATIO * dit.patch();
    FrameSize size = FrameSize.read(settings, RELEASED_SIZE, side);
    DecoderSettings decoders =
        DecoderSettings.read(settings, TaehvConfig.published(vae.latentChannels(), TAEHV_PATCH));
    return new WorldPlayConfig(size.height(), size.width(), dit, vae, decoders);
  }

  /** The same with another decoder. */
  WorldPlayConfig withDecoder(LatentDecoder decoder) {
    return new WorldPlayConfig(height, width, dit, vae, decoders.with(decoder));
  }

  /** Rows of a latent. */
  int latentHeight() {
    return height / Vae22Config.SPATIAL_RATIO;
  }

  /** Columns of a latent. */
  int latentWidth() {
    return width / Vae22Config.SPATIAL_RATIO;
  }

  /** Values of a latent frame. */
  int latentValues() {
    return latentHeight() * latentWidth() * dit.channels();
  }
}
