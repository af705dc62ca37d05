package dev.orrery.model;

import dev.orrery.model.family.ModelFamily;
import dev.orrery.model.family.ModelFolder;
import dev.orrery.model.genie1x.Genie1x;
import dev.orrery.model.jafar.Jafar;
import dev.orrery.model.matrixgame2.MatrixGame2;
import dev.orrery.model.oasis.Oasis;
import dev.orrery.model.vid2world.Vid2World;
import dev.orrery.model.worldplay.WorldPlay;
import dev.orrery.model.worldplayhy.WorldPlayHy;
import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.runtime.checkpoint.JsonValue;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The model families: the one place that names them all, and the front door to a model of any of
 * them.
 *
 * <pre>{@code
 * try (ChosenBackend chosen = Backends.auto();
 *     WorldModel model = Families.ALL.open(folder).load(chosen.backend());
 *     WorldSession session = model.start(RgbImage.read(image), 42)) {
 *   VideoFrames frames = session.step(model.actionSpace().controls().action(Set.of("w")));
 * }
 * }</pre>
 *
 * @param list in the order in which help texts name them
 */
public record Families(List<ModelFamily> list) {
  /** Every family there is. */
  public static final Families ALL =
      new Families(
          List.of(
              MatrixGame2.FAMILY,
              WorldPlay.FAMILY,
              WorldPlayHy.FAMILY,
              Oasis.FAMILY,
              Genie1x.FAMILY,
              Jafar.FAMILY,
              Vid2World.FAMILY));

  private static final String CONFIG = "config.json";

  public Families {
    list = List.copyOf(list);
  }

  /**
   * Reads the configuration of a model.
   *
   * @param folder a model's folder
   * @throws CheckpointException if it is of no known family, or no valid model of its family
   */
  public ModelFolder open(Path folder) {
    return of(folder).open(folder);
  }

  /**
   * The family of a model.
   *
   * @param folder a model's folder
   * @throws CheckpointException if there is no configuration, or it is of no known family
   */
  public ModelFamily of(Path folder) {
    Objects.requireNonNull(folder, "folder");
    if (!Files.isDirectory(folder)) {
      throw new CheckpointException(
          folder.toString(),
          "expected a model folder, found " + (Files.exists(folder) ? "a file" : "nothing"));
    }
    return recognizing(folder).orElseThrow(() -> unknown(folder));
  }

  /** The family that recognizes a folder as one of its models, if any does. */
  public Optional<ModelFamily> recognizing(Path folder) {
    return list.stream().filter(family -> family.recognizes(folder)).findFirst();
  }

  /** The family of an id, if there is one. */
  public Optional<ModelFamily> ofId(String id) {
    return list.stream().filter(family -> family.id().equals(id)).findFirst();
  }

  /** The ids of all families, as messages and help texts name them. */
  public String ids() {
    return list.stream().map(ModelFamily::id).collect(Collectors.joining(", "));
  }

  private CheckpointException unknown(Path folder) {
    Path config = folder.resolve(CONFIG);
    if (!Files.exists(config)) {
      return new CheckpointException(
          folder.toString(), "expected a model folder with " + CONFIG + ", found none");
    }
    JsonValue json = JsonValue.read(config);
    String found = json.has("family") ? json.string("family") : "no family that is known";
    return new CheckpointException(
        config.toString(), "expected a model of one of the families " + ids() + ", found " + found);
  }
}
