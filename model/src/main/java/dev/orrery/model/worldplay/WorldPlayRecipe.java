package dev.orrery.model.worldplay;

import dev.orrery.model.family.Recipe;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * From the distilled transformer of tencent/HY-WorldPlay, with the autoencoder, the text encoder
 * and the tokenizer of Wan-AI/Wan2.2-TI2V-5B-Diffusers. Without the folder of the text encoder the
 * model gets none, and takes encoded prompts only.
 */
final class WorldPlayRecipe implements Recipe {
  private static final String CONFIG = "config.json";

  @Override
  public List<String> inputs() {
    return List.of("HY_WORLDPLAY_DIR", "WAN_DIR");
  }

  @Override
  public String describeInputs() {
    return "takes those of tencent/HY-WorldPlay and Wan-AI/Wan2.2-TI2V-5B-Diffusers";
  }

  @Override
  public List<Part> parts(List<Path> inputs) {
    Path worldPlay = inputs.get(0);
    Path wan = inputs.get(1);
    String stem = "diffusion_pytorch_model";
    List<Part> parts = new ArrayList<>();
    parts.add(new Text(CONFIG, "{\"family\": \"worldplay-wan5b\", \"resolution\": [704, 1280]}\n"));
    parts.add(
        new File("transformer/" + CONFIG, worldPlay.resolve("wan_transformer").resolve(CONFIG)));
    parts.add(
        new Weights(
            "transformer/" + stem,
            worldPlay.resolve("wan_distilled_model").resolve("model.pt"),
            "generator",
            new Prefixes(List.of("model."), List.of())));
    parts.add(new File("vae/" + CONFIG, wan.resolve("vae").resolve(CONFIG)));
    parts.add(Weights.of("vae/" + stem, Recipe.weights(wan.resolve("vae"), stem)));
    Path encoder = wan.resolve("text_encoder");
    if (Files.isDirectory(encoder)) {
      parts.add(new File("text_encoder/" + CONFIG, encoder.resolve(CONFIG)));
      parts.add(Weights.of("text_encoder/model", Recipe.weights(encoder, "model")));
      String tokenizer = "tokenizer/tokenizer.json";
      parts.add(new File(tokenizer, wan.resolve(tokenizer)));
    }
    return parts;
  }
}
