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

/** The family of {@link WorldPlay}. */
final class WorldPlayFamily implements ModelFamily {
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
    return WorldPlayTransformer.QUANTIZABLE.test(tensor);
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
