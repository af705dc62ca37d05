package dev.orrery.benchmarks;

import dev.orrery.model.Families;
import dev.orrery.model.family.ModelFamily;
import dev.orrery.model.family.SyntheticScale;
import dev.orrery.model.session.Progress;
import dev.orrery.weights.synthesize.SyntheticModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A tiny model of random weights of every family, and of every kind that a family has. */
final class TinyModels {
  private static final long SEED = 1;

  private TinyModels() {}

  /**
   * Writes them.
   *
   * @param parent where each gets a folder
   * @return the folders, in the order of the families
   */
  static List<Path> write(Path parent) throws IOException {
    List<Path> folders = new ArrayList<>();
    for (ModelFamily family : Families.ALL.list()) {
      folders.add(write(family, parent.resolve(family.id())));
      for (String variant : family.syntheticVariants()) {
        folders.add(
            write(family.syntheticVariant(variant), parent.resolve(family.id() + "-" + variant)));
      }
    }
    return folders;
  }

  private static Path write(ModelFamily family, Path folder) throws IOException {
    SyntheticModel.write(family, SyntheticScale.TINY, SEED, folder, Progress.NONE);
    return folder;
  }
}
