package dev.orrery.model.worldplay;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.model.layers.Parameters;
import dev.orrery.model.vae22.Vae22Decoder;
import dev.orrery.model.vae22.Vae22Encoder;
import dev.orrery.runtime.checkpoint.TensorSource;
import dev.orrery.runtime.checkpoint.Weights;

/**
 * The networks of a model on one backend.
 *
 * @param dit the transformer
 * @param vaeEncoder pixels to latents
 * @param vaeDecoder latents to pixels
 */
record Networks(Dit dit, Vae22Encoder vaeEncoder, Vae22Decoder vaeDecoder) {
  /**
   * Builds all networks, requiring that every tensor of the sources is used.
   *
   * @param arena owner of copied weights
   * @throws dev.orrery.runtime.checkpoint.CheckpointException if a tensor is missing, of another
   *     shape or left over
   */
  static Networks build(
      WorldPlayConfig config,
      TensorSource dit,
      TensorSource vae,
      Backend backend,
      TensorArena arena) {
    Weights ditWeights = Weights.of(dit);
    Weights vaeWeights = Weights.of(vae);
    Parameters vaeParameters = Parameters.ofAutoencoder(vaeWeights, backend, arena);
    Networks networks =
        new Networks(
            new Dit(Parameters.ofTransformer(ditWeights, backend, arena), config.dit()),
            new Vae22Encoder(vaeParameters, config.vae()),
            new Vae22Decoder(vaeParameters, config.vae()));
    ditWeights.finish();
    vaeWeights.finish();
    return networks;
  }
}
