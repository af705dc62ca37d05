package dev.orrery.weights.convert;

import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.weights.source.StoredTensors;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Names without prefixes, and without what sharded training adds to them.
 *
 * @param strip prefixes to remove, one after the other, from the names that have them
 * @param required whether each prefix must occur
 * @param drop prefixes, as stored, of tensors that are left out
 */
record PrefixRule(List<String> strip, boolean required, List<String> drop) implements NameRule {
  /**
   * The name that PyTorch's sharded training (FSDP) leaves wherever it wrapped a module; never part
   * of a network's own names, and removed wherever it occurs.
   */
  private static final String FSDP_MODULE = "_fsdp_wrapped_module.";

  /** Copies the lists. */
  PrefixRule {
    strip = List.copyOf(strip);
    drop = List.copyOf(drop);
  }

  @Override
  public Map<String, String> apply(StoredTensors tensors) {
    Map<String, String> storedName = new LinkedHashMap<>();
    Set<String> missing = new LinkedHashSet<>(required ? strip : List.of());
    for (String name : tensors.tensors().keySet()) {
      if (drop.stream().anyMatch(name::startsWith)) {
        continue;
      }
      String renamed = name.replace(FSDP_MODULE, "");
      for (String prefix : strip) {
        if (renamed.startsWith(prefix)) {
          renamed = renamed.substring(prefix.length());
          missing.remove(prefix);
        }
      }
      String other = storedName.put(renamed, name);
      if (other != null || renamed.isEmpty()) {
        throw new CheckpointException(
            tensors.location(name),
            "tensor "
                + name
                + ": expected a name of its own without the prefixes, found \""
                + renamed
                + "\""
                + (other == null ? "" : ", which " + other + " has as well"));
      }
    }
    if (!missing.isEmpty()) {
      throw new CheckpointException(
          tensors.path().toString(),
          "expected tensors whose names begin with " + missing.iterator().next() + ", found none");
    }
    return storedName;
  }
}
