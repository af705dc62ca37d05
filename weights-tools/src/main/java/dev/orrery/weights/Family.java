package dev.orrery.weights;

import dev.orrery.model.matrixgame2.MatrixGame2;
import dev.orrery.model.session.NetworkWeights;
import dev.orrery.model.worldplay.WorldPlay;
import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.runtime.checkpoint.JsonValue;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;

/** The families of models whose folders the tools can check and make. */
public enum Family {
  MATRIX_GAME_2("matrix-game-2", MatrixGame2::networks),
  WORLDPLAY_WAN5B("worldplay-wan5b", WorldPlay::networks);

  private final String id;
  private final Function<Path, List<NetworkWeights>> networks;

  Family(String id, Function<Path, List<NetworkWeights>> networks) {
    this.id = id;
    this.networks = networks;
  }

  /**
   * The family that the configuration of a folder names.
   *
   * @throws CheckpointException if the configuration cannot be read
   */
  public static Family of(Path folder) {
    // Released configurations of Matrix-Game 2.0 name no family.
    return WorldPlay.isModel(folder) ? WORLDPLAY_WAN5B : MATRIX_GAME_2;
  }

  /**
   * Whether a folder says that it holds a model of this family. Configurations of single networks,
   * which lie beside their weights, do not.
   *
   * @throws CheckpointException if its {@code config.json} cannot be read
   */
  public boolean isModel(Path folder) {
    Path file = folder.resolve("config.json");
    if (!Files.isRegularFile(file)) {
      return false;
    }
    JsonValue config = JsonValue.read(file);
    // Released configurations of Matrix-Game 2.0 name no family.
    boolean released = this == MATRIX_GAME_2 && config.has("action_config");
    return released || config.has("family") && config.string("family").equals(id);
  }

  /** Its name in {@code config.json}. */
  public String id() {
    return id;
  }

  /**
   * What the networks of a model of this family ask of their checkpoints, which need not exist.
   *
   * @param folder a model's folder with its configuration
   * @throws CheckpointException if there is no configuration, or it is of no model of this family
   */
  public List<NetworkWeights> networks(Path folder) {
    return networks.apply(folder);
  }

  /** The name of the family. */
  @Override
  public String toString() {
    return id;
  }
}
