package dev.orrery.model.worldplayhy;

import dev.orrery.model.family.Recipe;
import dev.orrery.runtime.checkpoint.CheckpointException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * From one of the autoregressive transformers of tencent/HY-WorldPlay, with the configuration and
 * the autoencoder of tencent/HunyuanVideo-1.5. Each of the encoders may be missing: without that of
 * texts the model takes encoded prompts only, without that of quoted texts prompts that quote
 * nothing, without that of images stored states of the picture.
 *
 * @param variant the transformer
 */
record WorldPlayHyRecipe(Variant variant) implements Recipe {
  private static final String CONFIG = "config.json";
  private static final String STEM = "diffusion_pytorch_model";
  private static final String GLYPHS = "byt5_model.pt";
  private static final String TOKENIZER = "tokenizer.json";

  /** A transformer of the release; only the first is distilled. */
  enum Variant {
    DISTILLED("ar_distilled_action_model", "\"steps\": 4, \"guidance\": 1"),
    AR("ar_model", "\"steps\": 50, \"guidance\": 6"),
    AR_RL("ar_rl_model", "\"steps\": 50, \"guidance\": 6");

    private final String folder;
    private final String sampler;

    Variant(String folder, String sampler) {
      this.folder = folder;
      this.sampler = sampler;
    }

    String id() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /** An encoder of the release of another model, known by a file that only it has. */
  private enum Encoder {
    TEXT("QWEN_DIR"),
    GLYPH("GLYPH_DIR"),
    IMAGE("REDUX_DIR");

    private final String input;

    Encoder(String input) {
      this.input = input;
    }

    static Encoder of(Path folder) {
      if (Files.isDirectory(folder.resolve("image_encoder"))) {
        return IMAGE;
      }
      if (Files.exists(glyphs(folder))) {
        return GLYPH;
      }
      if (Files.exists(folder.resolve("merges.txt")) || Files.exists(folder.resolve(TOKENIZER))) {
        return TEXT;
      }
      throw new CheckpointException(
          folder.toString(),
          "expected merges.txt or tokenizer.json (Qwen2.5-VL), checkpoints/"
              + GLYPHS
              + " (Glyph-SDXL-v2) or image_encoder (FLUX.1-Redux), found none");
    }
  }

  @Override
  public List<String> inputs() {
    return List.of("HY_WORLDPLAY_DIR", "HUNYUAN_VIDEO_DIR");
  }

  @Override
  public List<String> optionalInputs() {
    return Arrays.stream(Encoder.values()).map(encoder -> encoder.input).toList();
  }

  @Override
  public List<String> variants() {
    return Arrays.stream(Variant.values()).map(Variant::id).toList();
  }

  @Override
  public Recipe variant(String name) {
    return Arrays.stream(Variant.values())
        .filter(of -> of.id().equals(name))
        .findFirst()
        .map(WorldPlayHyRecipe::new)
        .orElseThrow(
            () ->
                new IllegalArgumentException("expected one of " + variants() + ", found " + name));
  }

  @Override
  public String describeInputs() {
    return "takes those of tencent/HY-WorldPlay and tencent/HunyuanVideo-1.5, and of any of"
        + " Qwen/Qwen2.5-VL-7B-Instruct, Glyph-SDXL-v2, FLUX.1-Redux-dev; --variant "
        + String.join("|", variants());
  }

  @Override
  public List<Part> parts(List<Path> inputs) {
    Path transformer = inputs.get(0).resolve(variant.folder);
    Path hunyuan = inputs.get(1);
    List<Part> parts = new ArrayList<>();
    parts.add(
        new Text(
            CONFIG,
            "{\"family\": \"worldplay-hy8b\", \"resolution\": [480, 832], "
                + variant.sampler
                + "}\n"));
    parts.add(
        new File(
            "transformer/" + CONFIG,
            hunyuan.resolve("transformer").resolve("480p_i2v").resolve(CONFIG)));
    parts.add(
        Weights.of("transformer/" + STEM, Recipe.weights(transformer, List.of(STEM, "model"))));
    parts.add(new File("vae/" + CONFIG, hunyuan.resolve("vae").resolve(CONFIG)));
    parts.add(Weights.of("vae/" + STEM, Recipe.weights(hunyuan.resolve("vae"), STEM)));
    List<Encoder> seen = new ArrayList<>();
    for (Path folder : inputs.subList(2, inputs.size())) {
      Encoder encoder = Encoder.of(folder);
      if (seen.contains(encoder)) {
        throw new CheckpointException(
            folder.toString(), "expected one " + encoder.input + ", found a second");
      }
      seen.add(encoder);
      parts.addAll(parts(encoder, folder));
    }
    return parts;
  }

  private static List<Part> parts(Encoder encoder, Path folder) {
    return switch (encoder) {
      case TEXT -> textParts(folder);
      case GLYPH -> glyphParts(glyphs(folder));
      case IMAGE -> {
        Path images = folder.resolve("image_encoder");
        yield List.of(
            new File("image_encoder/" + CONFIG, images.resolve(CONFIG)),
            Weights.of("image_encoder/model", Recipe.weights(images, "model")));
      }
    };
  }

  private static List<Part> textParts(Path folder) {
    List<Part> parts = new ArrayList<>();
    parts.add(new File("text_encoder/" + CONFIG, folder.resolve(CONFIG)));
    parts.add(Weights.of("text_encoder/model", Recipe.weights(folder, "model")));
    List<String> tokenizer =
        Files.exists(folder.resolve("merges.txt"))
            ? List.of("vocab.json", "merges.txt")
            : List.of(TOKENIZER);
    tokenizer.forEach(file -> parts.add(new File("tokenizer/" + file, folder.resolve(file))));
    return parts;
  }

  /** Of a training checkpoint, or of the encoder alone; one of other sizes has them beside it. */
  private static List<Part> glyphParts(Path archive) {
    List<Part> parts = new ArrayList<>();
    Path config = archive.resolveSibling(CONFIG);
    if (Files.exists(config)) {
      parts.add(new File("glyph_encoder/" + CONFIG, config));
    }
    Below names = new Below(List.of("state_dict.module.text_tower.encoder.", ""));
    parts.add(new Weights("glyph_encoder/model", archive, "", names));
    return parts;
  }

  private static Path glyphs(Path folder) {
    Path inFolder = folder.resolve("checkpoints").resolve(GLYPHS);
    return Files.exists(inFolder) ? inFolder : folder.resolve(GLYPHS);
  }
}
