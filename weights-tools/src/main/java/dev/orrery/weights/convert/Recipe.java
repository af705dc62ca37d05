package dev.orrery.weights.convert;

import dev.orrery.runtime.checkpoint.Checkpoint;
import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.weights.Family;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** How released repositories become the folder of a model. */
public enum Recipe {
  /**
   * The repository Skywork/Matrix-Game-2.0: those of its three variants that are there, each in its
   * folder, beside the autoencoder and the visual tower of the image encoder. Its undistilled model
   * and its tokenizer are not used.
   */
  MATRIX_GAME_2(Family.MATRIX_GAME_2, List.of("MATRIX_GAME_2_DIR")) {
    @Override
    List<RecipePart> parts(List<Path> inputs) {
      Path release = inputs.getFirst();
      List<RecipePart> parts = new ArrayList<>();
      MATRIX_GAME_2_VARIANTS.forEach(
          (variant, stem) -> {
            Path folder = release.resolve(variant);
            if (Files.isDirectory(folder)) {
              parts.add(new RecipePart.File(variant + "/" + CONFIG, folder.resolve(CONFIG)));
              parts.add(RecipePart.Weights.of(variant + "/" + stem, weights(folder, stem)));
            }
          });
      if (parts.isEmpty()) {
        throw new CheckpointException(
            release.toString(),
            "expected one of the folders "
                + String.join(", ", MATRIX_GAME_2_VARIANTS.keySet())
                + ", found none");
      }
      parts.add(RecipePart.Weights.of("Wan2.1_VAE", weights(release, "Wan2.1_VAE")));
      String clip = "models_clip_open-clip-xlm-roberta-large-vit-huge-14";
      NameRule visual = new NameRule(List.of(), false, List.of("textual.", "log_scale"));
      parts.add(new RecipePart.Weights(clip, weights(release, clip), "", visual));
      return parts;
    }

    @Override
    List<String> models(List<RecipePart> parts) {
      return parts.stream()
          .map(RecipePart::target)
          .filter(target -> target.endsWith("/" + CONFIG))
          .map(target -> target.substring(0, target.indexOf('/')))
          .toList();
    }
  },

  /**
   * The distilled transformer of tencent/HY-WorldPlay, with the autoencoder, the text encoder and
   * the tokenizer of Wan-AI/Wan2.2-TI2V-5B-Diffusers. Without the folder of the text encoder the
   * model gets none, and takes encoded prompts only.
   */
  WORLDPLAY_WAN5B(Family.WORLDPLAY_WAN5B, List.of("HY_WORLDPLAY_DIR", "WAN_DIR")) {
    @Override
    List<RecipePart> parts(List<Path> inputs) {
      Path worldPlay = inputs.get(0);
      Path wan = inputs.get(1);
      String stem = "diffusion_pytorch_model";
      List<RecipePart> parts = new ArrayList<>();
      parts.add(
          new RecipePart.Text(
              CONFIG, "{\"family\": \"worldplay-wan5b\", \"resolution\": [704, 1280]}\n"));
      parts.add(
          new RecipePart.File(
              "transformer/" + CONFIG, worldPlay.resolve("wan_transformer").resolve(CONFIG)));
      parts.add(
          new RecipePart.Weights(
              "transformer/" + stem,
              worldPlay.resolve("wan_distilled_model").resolve("model.pt"),
              "generator",
              new NameRule(List.of("model."), false, List.of())));
      parts.add(new RecipePart.File("vae/" + CONFIG, wan.resolve("vae").resolve(CONFIG)));
      parts.add(RecipePart.Weights.of("vae/" + stem, weights(wan.resolve("vae"), stem)));
      Path encoder = wan.resolve("text_encoder");
      if (Files.isDirectory(encoder)) {
        parts.add(new RecipePart.File("text_encoder/" + CONFIG, encoder.resolve(CONFIG)));
        parts.add(RecipePart.Weights.of("text_encoder/model", weights(encoder, "model")));
        String tokenizer = "tokenizer/tokenizer.json";
        parts.add(new RecipePart.File(tokenizer, wan.resolve(tokenizer)));
      }
      return parts;
    }

    @Override
    List<String> models(List<RecipePart> parts) {
      return List.of("");
    }
  };

  private static final String CONFIG = "config.json";

  /** Folders of the variants, and the stems of their weights. */
  private static final Map<String, String> MATRIX_GAME_2_VARIANTS = new LinkedHashMap<>();

  static {
    MATRIX_GAME_2_VARIANTS.put("base_distilled_model", "base_distill");
    MATRIX_GAME_2_VARIANTS.put("gta_distilled_model", "gta_keyboard2dim");
    MATRIX_GAME_2_VARIANTS.put("templerun_distilled_model", "templerun_7dim_onlykey");
  }

  private final Family family;
  private final List<String> inputs;

  Recipe(Family family, List<String> inputs) {
    this.family = family;
    this.inputs = inputs;
  }

  /** The family of the model that comes out. */
  public Family family() {
    return family;
  }

  /** What each input is, for messages. */
  public List<String> inputs() {
    return inputs;
  }

  /** The name of the family. */
  @Override
  public String toString() {
    return family.id();
  }

  /**
   * What is to be done.
   *
   * @throws CheckpointException if something that cannot be missing is missing
   */
  abstract List<RecipePart> parts(List<Path> inputs);

  /** The folders of the models that come out, below that of the output. */
  abstract List<String> models(List<RecipePart> parts);

  /** The checkpoint of a folder, as safetensors if it is there in both formats. */
  private static Path weights(Path folder, String stem) {
    Path safetensors = Checkpoint.path(folder, stem);
    Path archive = folder.resolve(stem + ".pth");
    return Files.exists(safetensors) || !Files.exists(archive) ? safetensors : archive;
  }
}
