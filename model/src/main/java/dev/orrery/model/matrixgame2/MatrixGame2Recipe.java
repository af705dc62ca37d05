package dev.orrery.model.matrixgame2;

import dev.orrery.model.family.Recipe;
import dev.orrery.runtime.checkpoint.CheckpointException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * From the repository Skywork/Matrix-Game-2.0: those of its three variants that are there, each in
 * its folder, beside the autoencoder and the visual tower of the image encoder. Its undistilled
 * model and its tokenizer are not used.
 */
final class MatrixGame2Recipe implements Recipe {
  private static final String CONFIG = "config.json";

  /** Folders of the variants, and the stems of their weights. */
  private static final Map<String, String> VARIANTS = new LinkedHashMap<>();

  static {
    VARIANTS.put("base_distilled_model", "base_distill");
    VARIANTS.put("gta_distilled_model", "gta_keyboard2dim");
    VARIANTS.put("templerun_distilled_model", "templerun_7dim_onlykey");
  }

  @Override
  public List<String> inputs() {
    return List.of("MATRIX_GAME_2_DIR");
  }

  @Override
  public String describeInputs() {
    return "takes the folder of Skywork/Matrix-Game-2.0";
  }

  @Override
  public List<Part> parts(List<Path> inputs) {
    Path release = inputs.getFirst();
    List<Part> parts = new ArrayList<>();
    VARIANTS.forEach(
        (variant, stem) -> {
          Path folder = release.resolve(variant);
          if (Files.isDirectory(folder)) {
            parts.add(new File(variant + "/" + CONFIG, folder.resolve(CONFIG)));
            parts.add(Weights.of(variant + "/" + stem, Recipe.weights(folder, stem)));
          }
        });
    if (parts.isEmpty()) {
      throw new CheckpointException(
          release.toString(),
          "expected one of the folders " + String.join(", ", VARIANTS.keySet()) + ", found none");
    }
    parts.add(Weights.of("Wan2.1_VAE", Recipe.weights(release, "Wan2.1_VAE")));
    String clip = "models_clip_open-clip-xlm-roberta-large-vit-huge-14";
    parts.add(
        new Weights(
            clip,
            Recipe.weights(release, clip),
            "",
            new Prefixes(List.of(), List.of("textual.", "log_scale"))));
    return parts;
  }

  @Override
  public List<String> models(List<Part> parts) {
    return parts.stream()
        .map(Part::target)
        .filter(target -> target.endsWith("/" + CONFIG))
        .map(target -> target.substring(0, target.indexOf('/')))
        .toList();
  }
}
