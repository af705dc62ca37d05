package dev.orrery.model.worldplay;

import dev.orrery.model.family.ModelFamily;
import dev.orrery.model.family.ModelFolder;
import dev.orrery.model.family.Recipe;
import dev.orrery.model.family.SyntheticScale;
import java.net.URL;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** The family of {@link WorldPlay}. */
final class WorldPlayFamily implements ModelFamily {
  private static final Pattern QUANTIZABLE =
      Pattern.compile(
          "blocks\\.\\d+\\.(attn1\\.to_out_prope\\.0|attn[12]\\.(to_[qkv]|to_out\\.0)"
              + "|ffn\\.net\\.(0\\.proj|2))\\.weight");

  @Override
  public String id() {
    return WorldPlayConfig.FAMILY;
  }

  @Override
  public boolean recognizes(Path folder) {
    return WorldPlay.isModel(folder);
  }

  @Override
  public ModelFolder open(Path folder) {
    return WorldPlay.open(folder);
  }

  @Override
  public boolean isQuantizable(String tensor) {
    return QUANTIZABLE.matcher(tensor).matches();
  }

  @Override
  public Optional<Recipe> recipe() {
    return Optional.of(new WorldPlayRecipe());
  }

  @Override
  public Map<String, URL> syntheticFiles(SyntheticScale scale) {
    Map<String, URL> files =
        scale.resources(
            WorldPlayFamily.class,
            List.of(
                "config.json",
                "transformer/config.json",
                "vae/config.json",
                "text_encoder/config.json"));
    files.put(
        "tokenizer/tokenizer.json", WorldPlayFamily.class.getResource("synthetic/tokenizer.json"));
    return files;
  }
}
