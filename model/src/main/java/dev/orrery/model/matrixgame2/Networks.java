package dev.orrery.model.matrixgame2;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.model.clip.ImageEncoder;
import dev.orrery.model.layers.Parameters;
import dev.orrery.model.session.NetworkWeights;
import dev.orrery.model.vae.VaeDecoder;
import dev.orrery.model.vae.VaeEncoder;
import dev.orrery.runtime.checkpoint.TensorSource;
import dev.orrery.runtime.checkpoint.Weights;
import java.nio.file.Path;
import java.util.List;

/**
 * The networks of a model on one backend.
 *
 * @param dit the transformer
 * @param vaeEncoder pixels to latents
 * @param vaeDecoder latents to pixels
 * @param imageEncoder the start image's tokens
 */
record Networks(
    MatrixGame2Transformer dit,
    VaeEncoder vaeEncoder,
    VaeDecoder vaeDecoder,
    ImageEncoder imageEncoder) {

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
    Autoencoder autoencoder = autoencoder(config, vae, backend, arena);
    return new Networks(
        transformer(config, dit, backend, arena),
        autoencoder.encoder(),
        autoencoder.decoder(),
        imageEncoder(config, imageEncoder, backend, arena));
  }

  private record Autoencoder(VaeEncoder encoder, VaeDecoder decoder) {}

  /**
   * The networks one by one, as tools read them.
   *
   * @param folder where {@code config.json} lies
   */
  static List<NetworkWeights> each(MatrixGame2Config config, Path folder) {
    return List.of(
        new NetworkWeights(
            "transformer",
            ModelFiles.dit(folder),
            (source, backend, arena) -> transformer(config, source, backend, arena)),
        new NetworkWeights(
            "VAE",
            ModelFiles.vae(folder),
            (source, backend, arena) -> autoencoder(config, source, backend, arena)),
        new NetworkWeights(
            "image encoder",
            ModelFiles.imageEncoder(folder),
            (source, backend, arena) -> imageEncoder(config, source, backend, arena)));
  }

  private static MatrixGame2Transformer transformer(
      MatrixGame2Config config, TensorSource source, Backend backend, TensorArena arena) {
    Weights weights = Weights.of(source);
    MatrixGame2Transformer dit =
        new MatrixGame2Transformer(
            Parameters.ofTransformer(weights.strip("model"), backend, arena), config.dit());
    weights.finish();
    return dit;
  }

  private static Autoencoder autoencoder(
      MatrixGame2Config config, TensorSource source, Backend backend, TensorArena arena) {
    Weights weights = Weights.of(source);
    Parameters parameters = Parameters.ofAutoencoder(weights, backend, arena);
    Autoencoder autoencoder =
        new Autoencoder(
            new VaeEncoder(parameters, config.vae()), new VaeDecoder(parameters, config.vae()));
    weights.finish();
    return autoencoder;
  }

  private static ImageEncoder imageEncoder(
      MatrixGame2Config config, TensorSource source, Backend backend, TensorArena arena) {
    Weights weights = Weights.of(source);
    Weights visual = visual(weights, config.imageEncoder().layers());
    ImageEncoder encoder =
        new ImageEncoder(Parameters.ofTransformer(visual, backend, arena), config.imageEncoder());
    weights.finish();
    return encoder;
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
