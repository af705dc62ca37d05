package dev.orrery.model.family;

import dev.orrery.runtime.checkpoint.Checkpoint;
import dev.orrery.runtime.checkpoint.CheckpointException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Where the weights of a network are looked for: {@code STEM.safetensors}, or its index with
 * shards.
 *
 * @param network what the network is, for messages
 * @param folders folders that may have them, first one first
 * @param stems names that they may have, first one first
 * @param origin what says where they come from, for messages; empty if they come with the model
 */
public record WeightFiles(String network, List<Path> folders, List<String> stems, String origin) {
  /** Weights that come with the model. */
  public WeightFiles(String network, List<Path> folders, List<String> stems) {
    this(network, folders, stems, "");
  }

  /** Weights that can only be in one place. */
  public static WeightFiles of(String network, Path folder, String stem) {
    return new WeightFiles(network, List.of(folder), List.of(stem));
  }

  /** The checkpoint that was found; where it should lie if there is none. */
  public Path path() {
    for (Path folder : folders) {
      for (String stem : stems) {
        Path found = Checkpoint.path(folder, stem);
        if (Files.exists(found)) {
          return found;
        }
      }
    }
    return Checkpoint.path(folders.getFirst(), stems.getFirst());
  }

  /** Whether there is a checkpoint. */
  public boolean exist() {
    return Files.exists(path());
  }

  /**
   * Requires that there is a checkpoint.
   *
   * @throws CheckpointException naming what was looked for, if there is none
   */
  public void requireFound() {
    if (!exist()) {
      throw new CheckpointException(
          folders.getFirst().toString(),
          "expected the weights of the "
              + network
              + " as "
              + String.join(".safetensors or ", stems)
              + ".safetensors, found none"
              + (origin.isEmpty() ? "" : "; " + origin + " tells where they come from"));
    }
  }

  /**
   * Opens the checkpoint.
   *
   * @throws CheckpointException if there is none, or it is not valid
   */
  public Checkpoint open() {
    requireFound();
    return Checkpoint.open(path());
  }
}
