package dev.orrery.weights.convert;

import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.weights.source.StoredTensors;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The tensors whose names begin with a prefix, without it; all others are left out.
 *
 * @param prefixes the first that a tensor has is taken
 */
record NamesBelow(List<String> prefixes) implements NameRule {
  @Override
  public Map<String, String> apply(StoredTensors tensors) {
    for (String prefix : prefixes) {
      Map<String, String> storedName = new LinkedHashMap<>();
      for (String stored : tensors.tensors().keySet()) {
        if (stored.startsWith(prefix) && stored.length() > prefix.length()) {
          storedName.put(stored.substring(prefix.length()), stored);
        }
      }
      if (!storedName.isEmpty()) {
        return storedName;
      }
    }
    throw new CheckpointException(
        tensors.path().toString(),
        "expected tensors whose names begin with "
            + String.join(" or ", prefixes)
            + ", found none");
  }
}
