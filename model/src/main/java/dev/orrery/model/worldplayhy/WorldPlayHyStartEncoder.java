package dev.orrery.model.worldplayhy;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.hunyuanvae.HunyuanVaeConfig;
import dev.orrery.model.session.ImageResizer;
import dev.orrery.model.session.Progress;
import dev.orrery.model.session.Start;
import dev.orrery.model.session.StartResources;
import dev.orrery.model.text.EncodedPrompt;
import dev.orrery.model.worldplay.PictureMoments;
import dev.orrery.model.worldplay.WorldPlayStartImage;
import dev.orrery.runtime.media.RgbImage;
import dev.orrery.runtime.trace.Trace;
import java.util.Optional;

/** Turns what a world is started from, a picture and a prompt, into what the loop takes. */
final class WorldPlayHyStartEncoder {
  private final WorldPlayHyConfig config;
  private final WorldPlayHyNetworks networks;
  private final Backend backend;

  WorldPlayHyStartEncoder(WorldPlayHyConfig config, WorldPlayHyNetworks networks, Backend backend) {
    this.config = config;
    this.networks = networks;
    this.backend = backend;
  }

  /**
   * Room for a condition.
   *
   * @param arena owner of it
   */
  static WorldPlayHyCondition empty(
      WorldPlayHyConfig config, WorldPlayHyNetworks networks, TensorArena arena) {
    WorldPlayHyTransformer transformer = networks.transformer();
    int positive =
        config.visionTokens() + WorldPlayHyPrompts.GLYPH_TOKENS + WorldPlayHyPrompts.TEXT_TOKENS;
    int negative = config.visionTokens() + WorldPlayHyPrompts.TEXT_TOKENS;
    return new WorldPlayHyCondition(
        transformer.newTextMemory(positive, arena),
        config.sampler().guided()
            ? Optional.of(transformer.newTextMemory(negative, arena))
            : Optional.empty(),
        config.latentValues());
  }

  /**
   * Encodes a start.
   *
   * @param start with a picture and a prompt
   * @param temporary what is needed meanwhile
   * @throws IllegalArgumentException if the prompt was encoded for another network
   */
  void encode(Start start, WorldPlayHyCondition out, StartResources temporary, Progress progress) {
    EncodedPrompt prompt = start.prompt().orElseThrow();
    WorldPlayHyPrompts.check(prompt, config);
    RgbImage picture = start.images().getFirst();
    int stages = 2 + (config.sampler().guided() ? 1 : 0);
    progress.report("encoding the start", 0, stages);
    out.image(latent(picture, temporary));
    progress.report("encoding the start", 1, stages);
    Tensor vision = networks.picture().of(picture, temporary);
    PromptStates states = states(prompt, WorldPlayHyPrompts.TEXT, vision, temporary);
    Optional<Tensor> glyphs =
        Optional.of(prompt)
            .filter(encoded -> encoded.tensors().containsKey(WorldPlayHyPrompts.GLYPHS))
            .map(encoded -> moved(encoded, WorldPlayHyPrompts.GLYPHS, temporary));
    remember(states.withGlyphs(glyphs), temporary, out.prompt());
    progress.report("encoding the start", 2, stages);
    if (out.negative().isPresent()) {
      PromptStates negative = states(prompt, WorldPlayHyPrompts.NEGATIVE, vision, temporary);
      remember(negative, temporary, out.negative().get());
      progress.report("encoding the start", stages, stages);
    }
  }

  private void remember(PromptStates states, StartResources temporary, TextMemory out) {
    networks.transformer().text().remember(states, temporary, out, Trace.NONE);
  }

  /** The states of a picture and of a text, and no quoted text. */
  private PromptStates states(
      EncodedPrompt prompt, String name, Tensor vision, StartResources temporary) {
    Tensor mean = PromptStates.mean(prompt.tensor(name));
    Tensor moved = temporary.arena().empty(DType.F32, mean.shape().extents());
    backend.copy(mean, moved);
    return new PromptStates(vision, Optional.empty(), moved(prompt, name, temporary), moved);
  }

  private Tensor moved(EncodedPrompt prompt, String name, StartResources temporary) {
    return prompt.padded(name, backend, temporary.arena(), prompt.tensor(name).size(0));
  }

  /** The latent {@code [h, w, channels]} of a picture of any size. */
  float[] latent(RgbImage picture, StartResources temporary) {
    Tensor prepared =
        WorldPlayStartImage.normalised(
            ImageResizer.cover(picture, config.height(), config.width(), backend));
    return networks
        .encoder()
        .use(
            temporary,
            encoder ->
                encoder.latents(
                    PictureMoments.of(
                        prepared,
                        HunyuanVaeConfig.SPATIAL_RATIO,
                        2 * config.vae().latentChannels(),
                        encoder::encode,
                        temporary)));
  }
}
