package dev.orrery.model.worldplay;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.model.layers.Parameters;
import dev.orrery.model.session.NetworkWeights;
import dev.orrery.model.vae22.Vae22Decoder;
import dev.orrery.model.vae22.Vae22Encoder;
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
 */
record Networks(WorldPlayTransformer dit, Vae22Encoder vaeEncoder, Vae22Decoder vaeDecoder) {
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
    Autoencoder autoencoder = autoencoder(config, vae, backend, arena);
    return new Networks(
        transformer(config, dit, backend, arena), autoencoder.encoder(), autoencoder.decoder());
  }

  private record Autoencoder(Vae22Encoder encoder, Vae22Decoder decoder) {}

  /**
   * The networks one by one, as tools read them.
   *
   * @param folder the model's folder
   */
  static List<NetworkWeights> each(WorldPlayConfig config, Path folder) {
    return List.of(
        new NetworkWeights(
            "transformer",
            ModelFiles.dit(folder),
            (source, backend, arena) -> transformer(config, source, backend, arena)),
        new NetworkWeights(
            "VAE",
            ModelFiles.vae(folder),
            (source, backend, arena) -> autoencoder(config, source, backend, arena)));
  }

  private static WorldPlayTransformer transformer(
      WorldPlayConfig config, TensorSource source, Backend backend, TensorArena arena) {
    Weights weights = Weights.of(source);
    WorldPlayTransformer dit =
        new WorldPlayTransformer(Parameters.ofTransformer(weights, backend, arena), config.dit());
    weights.finish();
    return dit;
  }

  private static Autoencoder autoencoder(
      WorldPlayConfig config, TensorSource source, Backend backend, TensorArena arena) {
    Weights weights = Weights.of(source);
    Parameters parameters = Parameters.ofAutoencoder(weights, backend, arena);
    Autoencoder autoencoder =
        new Autoencoder(
            new Vae22Encoder(parameters, config.vae()), new Vae22Decoder(parameters, config.vae()));
    weights.finish();
    return autoencoder;
  }
}
