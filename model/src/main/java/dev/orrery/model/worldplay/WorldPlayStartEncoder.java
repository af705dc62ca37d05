package dev.orrery.model.worldplay;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.sampling.NoiseSource;
import dev.orrery.model.session.Progress;
import dev.orrery.model.session.Start;
import dev.orrery.model.session.StartResources;
import dev.orrery.model.text.EncodedPrompt;
import dev.orrery.model.umt5.PromptEncoder;
import dev.orrery.model.vae22.LatentPosterior;
import dev.orrery.model.vae22.Vae22Config;
import dev.orrery.runtime.media.RgbImage;

/** Turns what a world is started from, a prompt and perhaps an image, into what networks take. */
final class WorldPlayStartEncoder {
  /** Stream of the seed that the latent of the start image is drawn with; chunks have 0, 1, ... */
  private static final long IMAGE_STREAM = -2;

  private final WorldPlayConfig config;
  private final WorldPlayNetworks networks;
  private final Backend backend;

  WorldPlayStartEncoder(WorldPlayConfig config, WorldPlayNetworks networks, Backend backend) {
    this.config = config;
    this.networks = networks;
    this.backend = backend;
  }

  /**
   * Room for a condition.
   *
   * @param arena owner of it
   */
  static WorldPlayCondition empty(
      WorldPlayConfig config, WorldPlayNetworks networks, TensorArena arena) {
    return new WorldPlayCondition(
        networks.transformer().emptyTexts(PromptEncoder.WAN_TOKENS, arena), config.latentValues());
  }

  /**
   * Encodes a start.
   *
   * @param start with a prompt
   * @param temporary what is needed meanwhile
   * @throws IllegalArgumentException if the prompt was encoded for another network
   */
  void encode(Start start, WorldPlayCondition out, StartResources temporary, Progress progress) {
    if (!start.images().isEmpty()) {
      progress.report("encoding the image", 0, 1);
      out.moments(moments(start.images().getFirst(), temporary));
      progress.report("encoding the image", 1, 1);
    }
    EncodedPrompt prompt = start.prompt().orElseThrow();
    WorldPlayPrompts.checkChannels(prompt, config.dit().textDim());
    Tensor text =
        prompt.padded(PromptEncoder.FEATURES, backend, temporary.arena(), PromptEncoder.WAN_TOKENS);
    networks.transformer().textsInto(text, temporary.workspace(), out.texts());
  }

  /**
   * Draws the latent of the picture, if there is one.
   *
   * @param noise of the session's seed
   */
  static WorldPlayCondition draw(
      WorldPlayConfig config, WorldPlayCondition encoded, NoiseSource noise) {
    if (encoded.moments() == null) {
      return encoded;
    }
    float[] deviates = new float[config.latentValues()];
    noise.fill(IMAGE_STREAM, deviates);
    return encoded.withImage(LatentPosterior.sample(encoded.moments(), deviates, config.vae()));
  }

  /**
   * Encodes an image.
   *
   * @param image of any size
   * @param temporary what is needed meanwhile
   * @return what its latent is drawn from, see {@link LatentPosterior}
   */
  private float[] moments(RgbImage image, StartResources temporary) {
    Tensor prepared = WorldPlayStartImage.prepare(image, config.height(), config.width(), backend);
    return PictureMoments.of(
        prepared,
        Vae22Config.SPATIAL_RATIO,
        2 * config.vae().latentChannels(),
        networks.encoder()::encode,
        temporary);
  }
}
