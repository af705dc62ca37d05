package dev.orrery.model.worldplay;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.elementwise.Convert;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.session.SessionResources;
import dev.orrery.model.text.EncodedPrompt;
import dev.orrery.model.umt5.PromptEncoder;
import dev.orrery.model.vae22.LatentPosterior;
import dev.orrery.runtime.media.RgbImage;
import dev.orrery.runtime.memory.FeatureCache;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.trace.Trace;

/** Turns what a world is started from, a prompt and perhaps an image, into what networks take. */
final class WorldPlayStartEncoder {
  private final WorldPlayConfig config;
  private final WorldPlayNetworks networks;
  private final Backend backend;

  WorldPlayStartEncoder(WorldPlayConfig config, WorldPlayNetworks networks, Backend backend) {
    this.config = config;
    this.networks = networks;
    this.backend = backend;
  }

  /**
   * Draws the latent of an image.
   *
   * @param image of any size
   * @param noise normal deviates, one for each value of the latent
   * @param temporary what is needed meanwhile
   * @return {@code [h, w, channels]}
   */
  float[] latent(RgbImage image, float[] noise, SessionResources.Temporary temporary) {
    Tensor prepared = WorldPlayStartImage.prepare(image, config.height(), config.width(), backend);
    return latent(prepared, noise, temporary);
  }

  /**
   * Draws the latent of an image.
   *
   * @param prepared {@code [Y, X, 3]} in [-1, 1], of the model's size, on the host
   * @param noise normal deviates, one for each value of the latent
   * @param temporary what is needed meanwhile
   * @return {@code [h, w, channels]}
   */
  float[] latent(Tensor prepared, float[] noise, SessionResources.Temporary temporary) {
    TensorArena arena = temporary.arena();
    long[] frame = {1, config.height(), config.width(), 3};
    Tensor image = arena.empty(DType.F32, frame);
    backend.copy(prepared, image);
    Tensor pixels = arena.empty(backend.computeTypes().autoencoder(), frame);
    backend.kernel(Convert.class).run(image, pixels);
    Tensor moments =
        arena.empty(
            DType.F32,
            1,
            config.latentHeight(),
            config.latentWidth(),
            2L * config.vae().latentChannels());
    FeatureCache cache = new FeatureCache(backend, arena);
    networks.vae().encoder().encode(pixels, cache, temporary.workspace(), moments, Trace.NONE);
    float[] values = new float[Math.toIntExact(moments.elements())];
    backend.copy(moments, Tensor.of(values, values.length));
    backend.synchronize();
    return LatentPosterior.sample(values, noise, config.vae());
  }

  /**
   * The prompt as cross-attention takes it, see {@link WorldPlayTransformer#textContext}.
   *
   * @throws IllegalArgumentException if the prompt was encoded for another network
   */
  Tensor textContext(EncodedPrompt prompt, TensorArena temporary, Workspace workspace) {
    WorldPlayPrompts.checkChannels(prompt, config.dit().textDim());
    Tensor text =
        prompt.padded(PromptEncoder.FEATURES, backend, temporary, PromptEncoder.WAN_TOKENS);
    Tensor context = temporary.empty(text.dtype(), text.size(0), config.dit().dim());
    networks.transformer().textContext(text, workspace, context);
    return context;
  }
}
