package dev.orrery.weights.convert;

import dev.orrery.model.family.ModelFamily;
import dev.orrery.model.family.ModelFolder;
import dev.orrery.model.family.NetworkWeights;
import dev.orrery.model.family.Recipe;
import dev.orrery.model.family.WeightFiles;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A family of one network, which takes tensors and does nothing with them.
 *
 * @param stem the checkpoint
 * @param tensors the shapes of the tensors by name
 * @param made how its model folders are made
 */
record StubFamily(String stem, Map<String, long[]> tensors, Recipe made) implements ModelFamily {
  @Override
  public String id() {
    return "stub";
  }

  @Override
  public boolean recognizes(Path folder) {
    return true;
  }

  @Override
  public Optional<Recipe> recipe() {
    return Optional.of(made);
  }

  /** A folder that can be asked for its network and for nothing else. */
  @Override
  public ModelFolder open(Path folder) {
    NetworkWeights<?> network =
        new NetworkWeights<>(
            "network",
            WeightFiles.of("network", folder, stem),
            (weights, backend, arena) -> {
              tensors.forEach(weights::get);
              return tensors;
            });
    return (ModelFolder)
        Proxy.newProxyInstance(
            ModelFolder.class.getClassLoader(),
            new Class<?>[] {ModelFolder.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("networks")) {
                return List.of(network);
              }
              throw new UnsupportedOperationException(method.getName());
            });
  }
}
