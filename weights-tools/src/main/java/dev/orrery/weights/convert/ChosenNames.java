package dev.orrery.weights.convert;

import dev.orrery.model.family.Recipe;
import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.weights.source.StoredTensors;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The tensors of a network, which says itself what they are called and what they are stored as;
 * what else is stored is left out.
 *
 * @param chosen the names
 */
record ChosenNames(Recipe.Chosen chosen) implements NameRule {
  @Override
  public Map<String, String> apply(StoredTensors tensors) {
    Map<String, String> names = new LinkedHashMap<>();
    for (String name : chosen.names()) {
      String stored = chosen.stored().apply(name);
      if (!tensors.tensors().containsKey(stored)) {
        throw refused(tensors, name, "expected it stored as " + stored + ", found none");
      }
      String other = names.putIfAbsent(stored, name);
      if (other != null) {
        throw refused(
            tensors,
            name,
            "expected a stored name of its own, found " + stored + ", which is that of " + other);
      }
    }
    // In the stored order, in which an archive is best read.
    Map<String, String> storedName = new LinkedHashMap<>();
    for (String stored : tensors.tensors().keySet()) {
      String name = names.get(stored);
      if (name != null) {
        storedName.put(name, stored);
      }
    }
    return storedName;
  }

  private static CheckpointException refused(StoredTensors tensors, String name, String problem) {
    return new CheckpointException(tensors.path().toString(), "tensor " + name + ": " + problem);
  }
}
