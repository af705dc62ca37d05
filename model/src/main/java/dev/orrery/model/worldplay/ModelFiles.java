package dev.orrery.model.worldplay;

import dev.orrery.runtime.checkpoint.Checkpoint;
import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.runtime.checkpoint.JsonValue;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.LongConsumer;

/**
 * The opened checkpoints of a model's folder:
 *
 * <pre>
 * config.json                             {"family": "worldplay-wan5b", "resolution": [704, 1280]}
 * transformer/config.json                 as released
 * transformer/diffusion_pytorch_model.safetensors, or .safetensors.index.json with its shards
 * vae/config.json, vae/diffusion_pytorch_model.safetensors
 * text_encoder/, tokenizer/               may be missing, see {@link TextEncoder}
 * prompt.safetensors                      may be missing: the encoded prompt to take if none is given
 * </pre>
 *
 * @param dit the transformer's weights
 * @param vae the autoencoder's weights
 */
record ModelFiles(Path folder, WorldPlayConfig config, Checkpoint dit, Checkpoint vae)
    implements AutoCloseable {
  private static final String CONFIG = "config.json";
  private static final String TRANSFORMER = "transformer";
  private static final String VAE = "vae";
  private static final String WEIGHTS = "diffusion_pytorch_model";
  private static final String PROMPT = "prompt.safetensors";

  /** Whether a folder says that it holds a model of this family. */
  static boolean isModel(Path folder) {
    Path config = folder.resolve(CONFIG);
    return Files.isRegularFile(config)
        && JsonValue.read(config).string("family", "").equals(WorldPlayConfig.FAMILY);
  }

  /**
   * Opens the files of a model without reading their data.
   *
   * @throws CheckpointException if there is no model, or a file is not valid
   */
  static ModelFiles open(Path folder) {
    if (!Files.isDirectory(folder)) {
      throw new CheckpointException(
          folder.toString(),
          "expected a model folder, found " + (Files.exists(folder) ? "a file" : "nothing"));
    }
    WorldPlayConfig config = config(folder);
    Checkpoint dit = Checkpoint.find(folder.resolve(TRANSFORMER), WEIGHTS);
    try {
      return new ModelFiles(folder, config, dit, Checkpoint.find(folder.resolve(VAE), WEIGHTS));
    } catch (RuntimeException e) {
      dit.close();
      throw e;
    }
  }

  /** Where the transformer's weights lie; where they should lie if there are none. */
  static Path dit(Path folder) {
    return Checkpoint.path(folder.resolve(TRANSFORMER), WEIGHTS);
  }

  /** Where the autoencoder's weights lie; where they should lie if there are none. */
  static Path vae(Path folder) {
    return Checkpoint.path(folder.resolve(VAE), WEIGHTS);
  }

  /** Reads a model's configuration. */
  static WorldPlayConfig config(Path folder) {
    return WorldPlayConfig.read(
        JsonValue.read(folder.resolve(CONFIG)),
        JsonValue.read(folder.resolve(TRANSFORMER).resolve(CONFIG)),
        JsonValue.read(folder.resolve(VAE).resolve(CONFIG)));
  }

  /** The encoded prompt that lies in a model's folder. */
  static Optional<Path> prompt(Path folder) {
    Path prompt = folder.resolve(PROMPT);
    return Files.exists(prompt) ? Optional.of(prompt) : Optional.empty();
  }

  /** Bytes of all tensors. */
  long byteSize() {
    return dit.byteSize() + vae.byteSize();
  }

  /** Brings all data into memory, told in bytes so far. */
  void load(LongConsumer progress) {
    long before = 0;
    for (Checkpoint checkpoint : List.of(dit, vae)) {
      long base = before;
      checkpoint.load(bytes -> progress.accept(base + bytes));
      before += checkpoint.byteSize();
    }
  }

  @Override
  public void close() {
    dit.close();
    vae.close();
  }
}
