package dev.orrery.model.vid2world;

import dev.orrery.model.clip.TextTower;
import dev.orrery.model.family.Recipe;
import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.runtime.checkpoint.JsonValue;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * From a repository of thuml such as Vid2World-CSGO: the networks of its training checkpoint, which
 * keep their names without their prefixes. The text tower is run once, for the empty prompt, and
 * not kept; buffers of the noise schedule are not read, as they may hold another schedule.
 *
 * <p>A causal model for training may also begin with the U-Net of DynamiCrafter.
 *
 * @param variant which of the models
 * @param transfer what becomes of DynamiCrafter's kernels; empty for a checkpoint of Vid2World
 */
record Vid2WorldRecipe(Variant variant, Optional<CausalTransfer> transfer) implements Recipe {
  private static final String BASE = "dynamicrafter-";

  /** A model of the release. */
  enum Variant {
    CSGO(
        """
        {
          "family": "vid2world",
          "unet": {"action_dim": 51},
          "history": "pixels",
          "window": 10
        }
        """),
    RT1(
        """
        {
          "family": "vid2world",
          "unet": {"action_dim": 13},
          "history": "latents",
          "window": 16
        }
        """),
    RECON(
        """
        {
          "family": "vid2world",
          "unet": {"action_dim": 3},
          "history": "latents",
          "window": 20,
          "frames_per_second": 4
        }
        """);

    private final String config;

    Variant(String config) {
      this.config = config;
    }

    String config() {
      return config;
    }

    String id() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Where Lightning and DeepSpeed keep the tensors. */
  private static final String KEYS = "state_dict module";

  /** What DeepSpeed puts before their names. */
  private static final String WRAPPED = "_forward_module.";

  @Override
  public List<String> inputs() {
    return List.of("VID2WORLD_DIR");
  }

  @Override
  public List<String> variants() {
    return List.copyOf(all().keySet());
  }

  private static Map<String, Recipe> all() {
    Map<String, Recipe> all = new LinkedHashMap<>();
    for (Variant of : Variant.values()) {
      all.put(of.id(), new Vid2WorldRecipe(of, Optional.empty()));
    }
    for (CausalTransfer of : CausalTransfer.values()) {
      all.put(BASE + of.id(), new Vid2WorldRecipe(Variant.CSGO, Optional.of(of)));
    }
    return all;
  }

  @Override
  public Recipe variant(String name) {
    return Optional.ofNullable(all().get(name))
        .orElseThrow(
            () ->
                new IllegalArgumentException("expected one of " + variants() + ", found " + name));
  }

  @Override
  public String describeInputs() {
    return "takes the folder of thuml/Vid2World-CSGO, -RT1 or -RECON, or its .ckpt, or that of DynamiCrafter;"
        + " --variant "
        + String.join("|", variants());
  }

  @Override
  public List<Part> parts(List<Path> inputs) {
    Path checkpoint = checkpoint(inputs.getFirst());
    Path own = checkpoint.resolveSibling(Vid2WorldConfig.FILE);
    boolean isOurs =
        Files.isRegularFile(own)
            && JsonValue.read(own).string("family", "").equals(Vid2WorldConfig.FAMILY);
    TextTower.Config text = isOurs ? textTower(JsonValue.read(own)) : TextTower.Config.VIT_HUGE_14;
    return List.of(
        isOurs
            ? new File(Vid2WorldConfig.FILE, own)
            : new Text(Vid2WorldConfig.FILE, variant.config()),
        unet(checkpoint, isOurs ? JsonValue.read(own) : null),
        weights("autoencoder", checkpoint, "first_stage_model."),
        weights("image_encoder", checkpoint, "embedder.model.visual."),
        weights("resampler", checkpoint, "image_proj_model."),
        new Computed(
            EmptyPrompt.TENSOR,
            weights("text_tower", checkpoint, "cond_stage_model.model."),
            tower -> List.of(EmptyPrompt.context(tower, text))));
  }

  /**
   * The U-Net.
   *
   * @param config which says its sizes, or null for those of the release
   */
  private Part unet(Path checkpoint, JsonValue config) {
    Weights stored = weights("unet", checkpoint, "model.diffusion_model.");
    if (transfer.isEmpty()) {
      return stored;
    }
    UnetConfig sizes =
        config == null || !config.has("unet")
            ? UnetConfig.RELEASED
            : UnetConfig.read(config.get("unet"));
    return new Computed("unet", stored, base -> transfer.get().unet(base, sizes));
  }

  /** Sizes of the text tower, which a configuration says if they are not those of the release. */
  private static TextTower.Config textTower(JsonValue config) {
    if (!config.has("text_encoder")) {
      return TextTower.Config.VIT_HUGE_14;
    }
    JsonValue sizes = config.get("text_encoder");
    return new TextTower.Config(
        sizes.positive("vocab_size"),
        sizes.positive("dim"),
        sizes.positive("num_heads"),
        sizes.positive("num_layers"));
  }

  private static Weights weights(String target, Path checkpoint, String prefix) {
    return new Weights(target, checkpoint, KEYS, new Below(List.of(prefix, WRAPPED + prefix)));
  }

  /** The file itself, or the only one of a folder. */
  private static Path checkpoint(Path input) {
    if (!Files.isDirectory(input)) {
      return input;
    }
    List<Path> found = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(input, "*.{ckpt,pt,safetensors}")) {
      files.forEach(found::add);
    } catch (IOException e) {
      throw CheckpointException.cannotRead(input, e);
    }
    Collections.sort(found);
    if (found.size() != 1) {
      throw new CheckpointException(
          input.toString(),
          "expected one checkpoint such as model_checkpoint_100000.ckpt, found "
              + (found.isEmpty() ? "none" : found + "; name one of them"));
    }
    return found.getFirst();
  }
}
