package dev.orrery.model.oasis;

import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.runtime.checkpoint.JsonValue;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;

/**
 * Everything about a model but its weights.
 *
 * @param dit sizes of the transformer
 * @param vae sizes of the autoencoder
 * @param steps denoising steps of a frame
 * @param contextTimestep what the transformer is told about the noise of the frames before, though
 *     none is added to them
 * @param latentScale what the autoencoder's latents are multiplied with
 * @param context what happens to the past when the window slides
 */
record OasisConfig(
    OasisTransformerConfig dit,
    OasisVaeConfig vae,
    int steps,
    int contextTimestep,
    double latentScale,
    Context context) {
  static final String FAMILY = "oasis";

  /** The file of a folder that says all this. */
  static final String FILE = "config.json";

  private static final int TIMESTEPS = 1000;
  private static final int RELEASED_STEPS = 10;
  private static final int RELEASED_STABILIZATION_LEVEL = 15;
  private static final double RELEASED_LATENT_SCALE = 0.07843137255;

  /** What happens to the keys and values of the past when the window slides. */
  enum Context {
    /** They are computed anew for every frame, from the frames that the window still holds. */
    EXACT,
    /** They stay as they are, made from frames that have left the window: an approximation. */
    RING;

    /** Its name in configurations. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Whether a folder has the configuration of a model of this family. */
  static boolean isModel(Path folder) {
    Path file = folder.resolve(FILE);
    return Files.isRegularFile(file) && JsonValue.read(file).string("family", "").equals(FAMILY);
  }

  /**
   * Reads the configuration of a folder.
   *
   * @throws CheckpointException if there is none, or it describes no model
   */
  static OasisConfig read(Path folder) {
    return read(JsonValue.read(folder.resolve(FILE)));
  }

  /** Reads a configuration; what is missing is as released. */
  static OasisConfig read(JsonValue json) {
    if (!json.string("family", FAMILY).equals(FAMILY)) {
      throw json.get("family").unexpected(FAMILY);
    }
    OasisTransformerConfig dit =
        json.has("dit")
            ? OasisTransformerConfig.read(json.get("dit"))
            : OasisTransformerConfig.RELEASED;
    OasisVaeConfig vae =
        json.has("vae") ? OasisVaeConfig.read(json.get("vae")) : OasisVaeConfig.RELEASED;
    check(json, dit, vae);
    int steps = json.integer("steps", RELEASED_STEPS);
    if (steps < 1 || steps > TIMESTEPS) {
      throw json.get("steps").unexpected("1 to " + TIMESTEPS);
    }
    int level = json.integer("stabilization_level", RELEASED_STABILIZATION_LEVEL);
    if (level < 1 || level > TIMESTEPS) {
      throw json.get("stabilization_level").unexpected("1 to " + TIMESTEPS);
    }
    double scale = json.number("scaling_factor", RELEASED_LATENT_SCALE);
    if (!(scale > 0)) {
      throw json.get("scaling_factor").unexpected("a positive number");
    }
    return new OasisConfig(dit, vae, steps, level - 1, scale, context(json));
  }

  private static void check(JsonValue json, OasisTransformerConfig dit, OasisVaeConfig vae) {
    if (dit.rows() != vae.rows()
        || dit.columns() != vae.columns()
        || dit.channels() != vae.channels()) {
      throw new CheckpointException(
          json.source(),
          String.format(
              Locale.ROOT,
              "dit: expected latents of %dx%d with %d channels as vae has them, found %dx%d with %d",
              vae.rows(),
              vae.columns(),
              vae.channels(),
              dit.rows(),
              dit.columns(),
              dit.channels()));
    }
    int entries = OasisActionSpace.ENTRIES.size();
    if (dit.actionDim() != entries) {
      throw json.get("dit")
          .get("external_cond_dim")
          .unexpected(entries + ", the actions there are");
    }
    if (dit.window() < 2) {
      throw json.get("dit").get("max_frames").unexpected("at least 2");
    }
  }

  private static Context context(JsonValue json) {
    String name = json.string("context", Context.EXACT.toString());
    return Arrays.stream(Context.values())
        .filter(it -> it.toString().equals(name))
        .findFirst()
        .orElseThrow(() -> json.get("context").unexpected("exact or ring"));
  }

  /** The same with another number of denoising steps. */
  OasisConfig withSteps(int count) {
    if (count < 1 || count > TIMESTEPS) {
      throw new IllegalArgumentException("expected 1 to " + TIMESTEPS + ", found " + count);
    }
    return new OasisConfig(dit, vae, count, contextTimestep, latentScale, context);
  }
}
