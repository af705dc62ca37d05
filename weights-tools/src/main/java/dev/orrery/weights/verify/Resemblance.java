package dev.orrery.weights.verify;

import dev.orrery.kernels.tensor.DType;
import dev.orrery.model.Families;
import dev.orrery.model.family.ModelFamily;
import dev.orrery.model.family.NetworkWeights;
import dev.orrery.model.family.SyntheticScale;
import dev.orrery.runtime.checkpoint.TensorSpec;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Which network a checkpoint is of, by the names of its tensors. What names a network has, it says
 * itself: each family is asked for those of its smallest model, all of which larger ones have.
 */
final class Resemblance {
  private final Families families;

  Resemblance(Families families) {
    this.families = families;
  }

  /**
   * The network whose names are there, such as {@code the transformer of genie-1xgpt}.
   *
   * @param names of the tensors of a checkpoint
   */
  Optional<String> of(Set<String> names) {
    for (ModelFamily family : families.list()) {
      Map<String, URL> files = family.syntheticFiles(SyntheticScale.TINY);
      Optional<String> found = files.isEmpty() ? Optional.empty() : of(names, family, files);
      if (found.isPresent()) {
        return found;
      }
    }
    return Optional.empty();
  }

  private static Optional<String> of(
      Set<String> names, ModelFamily family, Map<String, URL> files) {
    try {
      Path folder = Files.createTempDirectory("orrery-verify");
      try {
        for (Map.Entry<String, URL> file : files.entrySet()) {
          Path target = folder.resolve(file.getKey());
          Files.createDirectories(target.getParent());
          try (InputStream in = file.getValue().openStream()) {
            Files.copy(in, target);
          }
        }
        return family.open(folder).networks().stream()
            .filter(network -> isOf(names, network))
            .findFirst()
            .map(network -> "the " + network.name() + " of " + family.id());
      } finally {
        delete(folder);
      }
    } catch (IOException e) {
      // Without a place for small files nobody knows; that something is wrong is said anyway.
      return Optional.empty();
    }
  }

  /** A few may be missing: biases, norms and tables that not every variant has. */
  private static boolean isOf(Set<String> names, NetworkWeights<?> network) {
    List<TensorSpec> tensors = network.tensors(DType.F32);
    long known = tensors.stream().filter(tensor -> names.contains(tensor.name())).count();
    return 4 * known > 3L * tensors.size();
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
