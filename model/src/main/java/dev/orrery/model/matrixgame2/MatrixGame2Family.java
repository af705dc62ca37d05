package dev.orrery.model.matrixgame2;

import dev.orrery.model.family.ModelFamily;
import dev.orrery.model.family.ModelFolder;
import dev.orrery.model.family.Recipe;
import dev.orrery.model.family.SyntheticScale;
import java.net.URL;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The family of {@link MatrixGame2}. */
final class MatrixGame2Family implements ModelFamily {
  @Override
  public String id() {
    return MatrixGame2Config.FAMILY;
  }

  @Override
  public boolean recognizes(Path folder) {
    return MatrixGame2Files.isModel(folder);
  }

  @Override
  public ModelFolder open(Path folder) {
    return MatrixGame2.open(folder);
  }

  @Override
  public boolean isQuantizable(String tensor) {
    return MatrixGame2Transformer.QUANTIZABLE.test(tensor);
  }

  @Override
  public Optional<Recipe> recipe() {
    return Optional.of(new MatrixGame2Recipe());
  }

  @Override
  public Map<String, URL> syntheticFiles(SyntheticScale scale) {
    return scale.resources(MatrixGame2Family.class, List.of("config.json"));
  }
}
