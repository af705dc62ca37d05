package dev.orrery.model.matrixgame2;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.model.clip.ImageEncoder;
import dev.orrery.model.layers.Parameters;
import dev.orrery.model.vae.VaeDecoder;
import dev.orrery.model.vae.VaeEncoder;
import dev.orrery.runtime.checkpoint.TensorSource;
import dev.orrery.runtime.checkpoint.Weights;

/**
 * The networks of a model on one backend.
 *
 * @param dit the transformer
 * @param vaeEncoder pixels to latents
 * @param vaeDecoder latents to pixels
 * @param imageEncoder the start picture's tokens
 */
record Networks(Dit dit, VaeEncoder vaeEncoder, VaeDecoder vaeDecoder, ImageEncoder imageEncoder) {

  /**
   * Builds all networks, requiring that every tensor of the sources is used or known to be
   * superfluous.
   *
   * @param arena owner of copied weights
   * @throws dev.orrery.runtime.checkpoint.CheckpointException if a tensor is missing, of another
   *     shape or left over
   */
  static Networks build(
      MatrixGame2Config config,
      TensorSource dit,
      TensorSource vae,
      TensorSource imageEncoder,
      Backend backend,
      TensorArena arena) {
    Weights ditWeights = Weights.of(dit);
    Weights vaeWeights = Weights.of(vae);
    Weights imageWeights = Weights.of(imageEncoder);
    Parameters vaeParameters = Parameters.ofAutoencoder(vaeWeights, backend, arena);
    Networks networks =
        new Networks(
            new Dit(
                Parameters.ofTransformer(ditWeights.strip("model"), backend, arena), config.dit()),
            new VaeEncoder(vaeParameters, config.vae()),
            new VaeDecoder(vaeParameters, config.vae()),
            new ImageEncoder(
                Parameters.ofTransformer(
                    visual(imageWeights, config.imageEncoder().layers()), backend, arena),
                config.imageEncoder()));
    ditWeights.finish();
    vaeWeights.finish();
    imageWeights.finish();
    return networks;
  }

  /** The visual tower, alone or as a part of a whole CLIP model. */
  private static Weights visual(Weights weights, int layers) {
    weights.ignore("textual", "the text tower is not used");
    weights.ignore("log_scale", "belongs to the contrastive loss");
    Weights visual = weights.has("visual") ? weights.at("visual") : weights;
    visual.ignore("transformer." + (layers - 1), "the last block is not run");
    visual.ignore("post_norm", "follows the last block");
    visual.ignore("head", "follows the last block");
    return visual;
  }
}
