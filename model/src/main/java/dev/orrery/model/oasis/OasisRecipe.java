package dev.orrery.model.oasis;

import dev.orrery.model.family.Recipe;
import dev.orrery.runtime.checkpoint.JsonValue;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * From the repository Etched/oasis-500m: the transformer and the autoencoder, which keep their
 * names. Each may also lie there as an archive ({@code .pt}). The release has no configuration, so
 * it gets one that says its sizes; a folder of other sizes says them itself.
 *
 * <p>Source: open-oasis, {@code dit.py}, {@code vae.py} and {@code generate.py}.
 */
final class OasisRecipe implements Recipe {
  private static final String CONFIG = "config.json";

  /** The names of the reference's constructors and of its main loop, and its defaults. */
  private static final String RELEASED =
      """
      {
        "family": "oasis",
        "dit": {
          "input_h": 18,
          "input_w": 32,
          "patch_size": 2,
          "in_channels": 16,
          "hidden_size": 1024,
          "depth": 16,
          "num_heads": 16,
          "mlp_ratio": 4.0,
          "external_cond_dim": 25,
          "max_frames": 32
        },
        "vae": {
          "latent_dim": 16,
          "input_height": 360,
          "input_width": 640,
          "patch_size": 20,
          "enc_dim": 1024,
          "enc_depth": 6,
          "enc_heads": 16,
          "dec_dim": 1024,
          "dec_depth": 12,
          "dec_heads": 16,
          "mlp_ratio": 4.0
        },
        "steps": 10,
        "stabilization_level": 15,
        "scaling_factor": 0.07843137255
      }
      """;

  @Override
  public List<String> inputs() {
    return List.of("OASIS_DIR");
  }

  @Override
  public String describeInputs() {
    return "takes the folder of Etched/oasis-500m";
  }

  @Override
  public List<Part> parts(List<Path> inputs) {
    Path release = inputs.getFirst();
    String transformer = "oasis500m";
    String autoencoder = "vit-l-20";
    return List.of(
        config(release.resolve(CONFIG)),
        Weights.of(transformer, Recipe.weights(release, transformer)),
        Weights.of(autoencoder, Recipe.weights(release, autoencoder)));
  }

  private static Part config(Path file) {
    boolean isOurs =
        Files.isRegularFile(file) && JsonValue.read(file).string("family", "").equals("oasis");
    return isOurs ? new File(CONFIG, file) : new Text(CONFIG, RELEASED);
  }
}
