package dev.orrery.model.family;

import java.net.URL;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A family of world models: all that players and tools need to know to work with any model of it.
 * There is one for each family, named in {@code Families}.
 */
public interface ModelFamily {
  /** Name in configurations and options: {@code matrix-game-2}. */
  String id();

  /** Whether a folder has the configuration of a model of this family. */
  boolean recognizes(Path folder);

  /**
   * Reads the configuration of a model.
   *
   * @throws dev.orrery.runtime.checkpoint.CheckpointException if it is missing or describes no
   *     model of this family
   */
  ModelFolder open(Path folder);

  /**
   * Whether a tensor of the transformer's checkpoint may be quantised: none by default. The
   * transformers say which ones and why.
   *
   * @param tensor its full name in the checkpoint
   */
  default boolean isQuantizable(String tensor) {
    return false;
  }

  /** How released repositories become a model's folder, for families that have releases. */
  default Optional<Recipe> recipe() {
    return Optional.empty();
  }

  /**
   * The files of a model of random weights, but its weights, by their path in the model's folder;
   * none for families without synthetic models.
   */
  default Map<String, URL> syntheticFiles(SyntheticScale scale) {
    return Map.of();
  }

  /** Names of other kinds of synthetic models of this family, such as those of other actions. */
  default Set<String> syntheticVariants() {
    return Set.of();
  }

  /**
   * This family with the synthetic models of another kind.
   *
   * @param name one of {@link #syntheticVariants}
   * @throws IllegalArgumentException if it is none of them
   */
  default ModelFamily syntheticVariant(String name) {
    throw new IllegalArgumentException("expected no variant, found " + name);
  }
}
