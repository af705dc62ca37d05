package dev.orrery.model.jafar;

import dev.orrery.runtime.checkpoint.JsonValue;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Everything about a model but its weights. Names and defaults are those of the arguments of
 * jafar's scripts, which have no file for them.
 *
 * @param height rows of an image
 * @param width columns of an image
 * @param frames frames that the model sees at once, the new one included
 * @param patch rows and columns of a patch, which becomes one token
 * @param codes the vocabulary
 * @param actions how many actions there are
 * @param codeDim numbers of a code, for tokens and actions alike
 * @param tokenizer sizes of both transformers of the tokenizer
 * @param dynamics sizes of the transformer that predicts tokens
 * @param latentActions sizes of the transformers that found the actions; not needed to play
 * @param sampling how tokens are picked
 * @param retokenise whether a frame that was made is seen by the next ones as the tokens of its
 *     pixels, as in the reference, rather than as the tokens that were picked
 */
record JafarConfig(
    int height,
    int width,
    int frames,
    int patch,
    int codes,
    int actions,
    int codeDim,
    Sizes tokenizer,
    Sizes dynamics,
    LatentActions latentActions,
    Sampling sampling,
    boolean retokenise) {
  static final String FAMILY = "genie-jafar";

  /** The file of a folder that says all this. */
  static final String FILE = "config.json";

  /** Beyond every model of this kind; keeps what is counted in tokens of a window an int. */
  private static final int MOST = 1 << 12;

  /**
   * Sizes of a transformer.
   *
   * @param dim channels of a token
   * @param heads attention heads
   * @param layers blocks
   */
  record Sizes(int dim, int heads, int layers) {
    int headDim() {
      return dim / heads;
    }
  }

  /**
   * Sizes of the latent action model.
   *
   * @param patch rows and columns of its patches
   */
  record LatentActions(int patch, Sizes sizes) {}

  /**
   * How tokens are picked.
   *
   * @param steps passes over a frame
   * @param temperature of the last step
   * @param random whether picks are drawn rather than the most probable ones
   */
  record Sampling(int steps, float temperature, boolean random) {}

  /** Whether a folder has the configuration of a model of this family. */
  static boolean isModel(Path folder) {
    Path file = folder.resolve(FILE);
    return Files.isRegularFile(file) && JsonValue.read(file).string("family", "").equals(FAMILY);
  }

  /**
   * Reads the configuration of a folder, which must name the family: other Genies have settings of
   * their own, and all of jafar's may be missing.
   *
   * @throws dev.orrery.runtime.checkpoint.CheckpointException if there is none, or it describes no
   *     model
   */
  static JafarConfig read(Path folder) {
    JsonValue json = JsonValue.read(folder.resolve(FILE));
    if (!json.string("family", "").equals(FAMILY)) {
      throw json.get("family").unexpected(FAMILY);
    }
    return read(json);
  }

  /**
   * Reads a configuration, under the names of jafar's arguments.
   *
   * @throws dev.orrery.runtime.checkpoint.CheckpointException naming the value that does not fit
   */
  static JafarConfig read(JsonValue json) {
    if (json.integer("in_dim", 3) != 3) {
      throw json.get("in_dim").unexpected("3 colours");
    }
    int frames = positive(json, "num_frames", 16);
    if (frames < 2) {
      throw json.get("num_frames").unexpected("2 frames or more");
    }
    return new JafarConfig(
        positive(json, "height", 64),
        positive(json, "width", 64),
        frames,
        positive(json, "patch_size", 4),
        json.has("num_patch_latents") ? json.positive("num_patch_latents") : 1024,
        positive(json, "num_latent_actions", 6),
        positive(json, "latent_patch_dim", 32),
        sizes(json, "tokenizer_", 8),
        sizes(json, "dyna_", 12),
        new LatentActions(positive(json, "lam_patch_size", 16), sizes(json, "lam_", 8)),
        sampling(json),
        json.bool("retokenise", false));
  }

  private static Sizes sizes(JsonValue json, String prefix, int layers) {
    int dim = positive(json, prefix + "dim", 512);
    int heads = positive(json, prefix + "num_heads", 8);
    // Positions are pairs of a sine and a cosine.
    if (dim % heads != 0 || dim % 2 != 0) {
      throw json.get(prefix + "num_heads")
          .unexpected("a divisor of an even " + prefix + "dim = " + dim);
    }
    return new Sizes(dim, heads, positive(json, prefix + "num_blocks", layers));
  }

  private static Sampling sampling(JsonValue json) {
    double temperature = json.number("temperature", 1);
    if (!(temperature > 0)) {
      throw json.get("temperature").unexpected("a positive number");
    }
    return new Sampling(
        positive(json, "steps", 25), (float) temperature, !json.bool("sample_argmax", true));
  }

  private static int positive(JsonValue json, String key, int absent) {
    int value = json.has(key) ? json.positive(key) : absent;
    if (value > MOST) {
      throw json.get(key).unexpected("at most " + MOST);
    }
    return value;
  }

  /** Rows of tokens; the last ones may reach beyond the image. */
  int tokenRows() {
    return Math.ceilDiv(height, patch);
  }

  /** Columns of tokens. */
  int tokenColumns() {
    return Math.ceilDiv(width, patch);
  }

  /** Tokens of a frame. */
  int tokens() {
    return tokenRows() * tokenColumns();
  }

  /** Numbers of a patch. */
  int patchValues() {
    return 3 * patch * patch;
  }

  /** The same with another number of steps. */
  JafarConfig withSteps(int steps) {
    if (steps < 1 || steps > MOST) {
      throw new IllegalArgumentException("expected 1 to " + MOST + ", found " + steps);
    }
    return with(new Sampling(steps, sampling.temperature, sampling.random), retokenise);
  }

  /** The same, with what was made seen by the next frames as the other form of tokens. */
  JafarConfig withRetokenise(boolean chosen) {
    return with(sampling, chosen);
  }

  private JafarConfig with(Sampling chosen, boolean again) {
    return new JafarConfig(
        height,
        width,
        frames,
        patch,
        codes,
        actions,
        codeDim,
        tokenizer,
        dynamics,
        latentActions,
        chosen,
        again);
  }
}
