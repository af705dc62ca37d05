package dev.orrery.benchmarks;

import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Shape;
import dev.orrery.runtime.checkpoint.JsonValue;
import dev.orrery.runtime.checkpoint.TensorSpec;
import dev.orrery.weights.synthesize.SyntheticCheckpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * The released Matrix-Game 2.0, variant universal, with random weights: as large and as fast as
 * with trained ones. Names and shapes of the tensors are stored in the checkout.
 */
final class ReleasedModel {
  /** Where names, shapes and the configuration are stored, as seen from the root. */
  static final String STORED = "model/src/test/resources/released";

  /** Files of a model's folder, and the lists of tensors that they hold. */
  private static final Map<String, String> FILES =
      Map.of(
          "dit.safetensors", "dit.universal",
          "vae.safetensors", "vae",
          "image_encoder.safetensors", "clip.visual");

  private static final long SEED = 1;

  private ReleasedModel() {}

  /** The tensors of one of the networks. */
  static List<TensorSpec> tensors(Path root, String network) {
    JsonValue shapes = JsonValue.read(root.resolve(STORED).resolve("tensors.json")).get(network);
    return shapes.keys().stream()
        .map(
            name -> {
              long[] extents = Arrays.stream(shapes.integers(name)).asLongStream().toArray();
              return new TensorSpec(name, DType.BF16, Shape.of(extents));
            })
        .toList();
  }

  /**
   * Writes a folder that the model can be loaded from, some 5 GB.
   *
   * @param root the root of the checkout
   */
  static void write(Path root, Path folder) throws IOException {
    Files.createDirectories(folder);
    Files.copy(
        root.resolve(STORED).resolve("base_distilled_model/config.json"),
        folder.resolve("config.json"));
    FILES.forEach(
        (file, network) ->
            SyntheticCheckpoint.write(
                folder.resolve(file), tensors(root, network), SEED, Map.of(), bytes -> {}));
  }
}
