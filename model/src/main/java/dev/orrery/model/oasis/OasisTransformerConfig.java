package dev.orrery.model.oasis;

import dev.orrery.runtime.checkpoint.JsonValue;

/**
 * Sizes of the diffusion transformer.
 *
 * @param rows rows of a latent
 * @param columns columns of a latent
 * @param channels channels of a latent, in and out
 * @param patch rows and columns of a patch
 * @param dim channels of a token
 * @param heads attention heads
 * @param layers transformer blocks, each with a spatial and a temporal half
 * @param hidden hidden channels of the MLPs
 * @param actionDim numbers that describe an action
 * @param window latent frames that the model sees at once, the newest one included
 */
record OasisTransformerConfig(
    int rows,
    int columns,
    int channels,
    int patch,
    int dim,
    int heads,
    int layers,
    int hidden,
    int actionDim,
    int window) {
  /** The released model, "DiT-S/2". */
  static final OasisTransformerConfig RELEASED =
      new OasisTransformerConfig(18, 32, 16, 2, 1024, 16, 16, 4096, 25, 32);

  /** Beyond every released size; keeps what is counted in tokens of a window an int. */
  private static final int MOST = 1 << 12;

  /**
   * Reads the sizes, under the names of the reference's constructor; what is missing is as
   * released.
   *
   * @throws dev.orrery.runtime.checkpoint.CheckpointException if they describe no transformer
   */
  static OasisTransformerConfig read(JsonValue json) {
    int patch = positive(json, "patch_size", RELEASED.patch);
    int rows = positive(json, "input_h", RELEASED.rows);
    int columns = positive(json, "input_w", RELEASED.columns);
    if (rows % patch != 0) {
      throw json.get("input_h").unexpected("a multiple of patch_size = " + patch);
    }
    if (columns % patch != 0) {
      throw json.get("input_w").unexpected("a multiple of patch_size = " + patch);
    }
    int dim = json.has("hidden_size") ? json.positive("hidden_size") : RELEASED.dim;
    int heads = positive(json, "num_heads", RELEASED.heads);
    // Rows and columns turn as many pairs of a head's channels each.
    if (dim % heads != 0 || dim / heads % 4 != 0) {
      throw json.get("num_heads")
          .unexpected("a divisor of hidden_size = " + dim + " that leaves multiples of 4");
    }
    return new OasisTransformerConfig(
        rows,
        columns,
        positive(json, "in_channels", RELEASED.channels),
        patch,
        dim,
        heads,
        positive(json, "depth", RELEASED.layers),
        OasisVaeConfig.hidden(json, dim),
        positive(json, "external_cond_dim", RELEASED.actionDim),
        positive(json, "max_frames", RELEASED.window));
  }

  private static int positive(JsonValue json, String key, int released) {
    int value = json.has(key) ? json.positive(key) : released;
    if (value > MOST) {
      throw json.get(key).unexpected("at most " + MOST);
    }
    return value;
  }

  /** Rows of tokens. */
  int tokenRows() {
    return rows / patch;
  }

  /** Columns of tokens. */
  int tokenColumns() {
    return columns / patch;
  }

  /** Tokens of a latent frame. */
  int tokens() {
    return tokenRows() * tokenColumns();
  }

  int headDim() {
    return dim / heads;
  }
}
