package dev.orrery.model.oasis;

import dev.orrery.runtime.checkpoint.JsonValue;

/**
 * Sizes of the autoencoder of images.
 *
 * @param height rows of an image
 * @param width columns of an image
 * @param patch rows and columns of a patch, which becomes one pixel of a latent
 * @param channels channels of a latent
 * @param encoder the encoder's blocks
 * @param decoder the decoder's blocks
 */
record OasisVaeConfig(
    int height, int width, int patch, int channels, Blocks encoder, Blocks decoder) {
  /**
   * Sizes of a row of transformer blocks.
   *
   * @param dim channels of a token
   * @param heads attention heads
   * @param layers blocks
   * @param hidden hidden channels of the MLPs
   */
  record Blocks(int dim, int heads, int layers, int hidden) {
    int headDim() {
      return dim / heads;
    }
  }

  /** The released autoencoder, "ViT-L/20" with a shallow encoder. */
  static final OasisVaeConfig RELEASED =
      new OasisVaeConfig(
          360, 640, 20, 16, new Blocks(1024, 16, 6, 4096), new Blocks(1024, 16, 12, 4096));

  private static final double RELEASED_MLP_RATIO = 4;

  /** Far beyond every released model; keeps the sizes of what is computed on the heap in an int. */
  private static final int MAX_PIXELS = 1 << 24;

  /**
   * Reads the sizes, under the names of the reference's constructor; what is missing is as
   * released.
   *
   * @throws dev.orrery.runtime.checkpoint.CheckpointException if they describe no autoencoder
   */
  static OasisVaeConfig read(JsonValue json) {
    int height = positive(json, "input_height", RELEASED.height);
    int width = positive(json, "input_width", RELEASED.width);
    if ((long) height * width > MAX_PIXELS) {
      throw json.get("input_width")
          .unexpected("at most " + MAX_PIXELS + " pixels with input_height = " + height);
    }
    int patch = positive(json, "patch_size", RELEASED.patch);
    if (height % patch != 0) {
      throw json.get("input_height").unexpected("a multiple of patch_size = " + patch);
    }
    if (width % patch != 0) {
      throw json.get("input_width").unexpected("a multiple of patch_size = " + patch);
    }
    return new OasisVaeConfig(
        height,
        width,
        patch,
        positive(json, "latent_dim", RELEASED.channels),
        blocks(json, "enc_", RELEASED.encoder),
        blocks(json, "dec_", RELEASED.decoder));
  }

  private static Blocks blocks(JsonValue json, String prefix, Blocks released) {
    int dim = positive(json, prefix + "dim", released.dim);
    int heads = positive(json, prefix + "heads", released.heads);
    // A quarter of the pairs of a head's channels turns with the row, a quarter with the column.
    if (dim % heads != 0 || dim / heads % 8 != 0) {
      throw json.get(prefix + "heads")
          .unexpected("a divisor of " + prefix + "dim = " + dim + " that leaves multiples of 8");
    }
    return new Blocks(
        dim, heads, positive(json, prefix + "depth", released.layers), hidden(json, dim));
  }

  private static int positive(JsonValue json, String key, int released) {
    return json.has(key) ? json.positive(key) : released;
  }

  /** Hidden channels of an MLP, as many as {@code mlp_ratio} says. */
  static int hidden(JsonValue json, int dim) {
    double hidden = dim * json.number("mlp_ratio", RELEASED_MLP_RATIO);
    if (!(hidden >= 1 && hidden <= Integer.MAX_VALUE)) {
      throw json.get("mlp_ratio").unexpected("a positive number that leaves hidden channels");
    }
    return (int) hidden;
  }

  /** Rows of a latent. */
  int rows() {
    return height / patch;
  }

  /** Columns of a latent. */
  int columns() {
    return width / patch;
  }

  /** Tokens of an image. */
  int tokens() {
    return rows() * columns();
  }
}
