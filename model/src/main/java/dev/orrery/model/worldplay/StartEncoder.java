package dev.orrery.model.worldplay;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.elementwise.Convert;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.umt5.EncodedPrompt;
import dev.orrery.model.umt5.PromptEncoder;
import dev.orrery.model.vae22.LatentPosterior;
import dev.orrery.runtime.memory.FeatureCache;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.trace.Trace;

/** Turns what a world is started from, a prompt and perhaps an image, into what networks take. */
final class StartEncoder {
  private final Loaded model;
  private final Backend backend;

  StartEncoder(Loaded model) {
    this.model = model;
    backend = model.backend();
  }

  /**
   * Draws the latent of an image.
   *
   * @param picture {@code [Y, X, 3]} in [-1, 1], of the model's size, on the host
   * @param noise normal deviates, one for each value of the latent
   * @param temporary owner of what is needed meanwhile
   * @return {@code [h, w, channels]}
   */
  float[] latent(Tensor picture, float[] noise, TensorArena temporary, Workspace workspace) {
    WorldPlayConfig config = model.config();
    long[] frame = {1, config.height(), config.width(), 3};
    Tensor image = temporary.empty(DType.F32, frame);
    backend.copy(picture, image);
    Tensor pixels = temporary.empty(backend.computeTypes().autoencoder(), frame);
    backend.kernel(Convert.class).run(image, pixels);
    Tensor moments =
        temporary.empty(
            DType.F32,
            1,
            config.latentHeight(),
            config.latentWidth(),
            2L * config.vae().latentChannels());
    FeatureCache cache = new FeatureCache(backend, temporary);
    model.networks().vaeEncoder().encode(pixels, cache, workspace, moments, Trace.NONE);
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
    WorldPlayTransformerConfig dit = model.config().dit();
    int channels = prompt.features().size(1);
    if (channels != dit.textDim()) {
      throw new IllegalArgumentException(
          "prompt: expected features of " + dit.textDim() + " channels, found " + channels);
    }
    Tensor text = prompt.padded(backend, temporary, PromptEncoder.WAN_TOKENS);
    Tensor context = temporary.empty(text.dtype(), text.size(0), dit.dim());
    model.networks().dit().textContext(text, workspace, context);
    return context;
  }
}
