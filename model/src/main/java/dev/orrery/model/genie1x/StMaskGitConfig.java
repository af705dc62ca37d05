package dev.orrery.model.genie1x;

import dev.orrery.runtime.checkpoint.JsonValue;

/**
 * Sizes of the transformer of 1xgpt.
 *
 * @param layers transformer blocks
 * @param heads attention heads, a divisor of dim
 * @param dim channels of a token
 * @param frames frames of the window it was trained on
 * @param side rows of tokens of a frame, and columns
 * @param vocabulary how ids are made
 * @param hiddenDim hidden channels of an MLP
 * @param options what differs between versions
 */
record StMaskGitConfig(
    int layers,
    int heads,
    int dim,
    int frames,
    int side,
    FactoredVocabulary vocabulary,
    int hiddenDim,
    Options options) {

  /** The width that learning rates and scales of other widths refer to. */
  private static final int MUP_BASE_DIM = 256;

  /**
   * What differs between versions.
   *
   * @param mup whether scales are those of maximal update parametrisation
   * @param qkNorm whether heads of queries and keys are normalised, and the input of blocks is not
   * @param qkvBias whether queries, keys and values have a bias
   * @param projBias whether the outputs of attentions have one
   * @param mlpBias whether the layers of MLPs have one
   */
  record Options(boolean mup, boolean qkNorm, boolean qkvBias, boolean projBias, boolean mlpBias) {}

  /**
   * Reads the {@code config.json} of a released model. What is not there has the defaults of {@code
   * GenieConfig}, in which heads are normalised, unlike in the released models.
   *
   * @throws dev.orrery.runtime.checkpoint.CheckpointException naming the value that does not fit
   */
  static StMaskGitConfig read(JsonValue json) {
    int dim = json.positive("d_model");
    int heads = json.positive("num_heads");
    if (dim % heads != 0) {
      throw json.get("num_heads").unexpected("a divisor of d_model = " + dim);
    }
    int frames = json.integer("T", 16);
    if (frames < 2) {
      throw json.get("T").unexpected("2 frames or more");
    }
    int tokens = json.integer("S", 256);
    int side = (int) Math.sqrt(tokens);
    if (tokens < 1 || side * side != tokens) {
      throw json.get("S").unexpected("the square of a positive number");
    }
    double ratio = json.number("mlp_ratio", 4);
    double hidden = Math.floor(dim * ratio);
    if (!(hidden >= 1 && hidden <= Integer.MAX_VALUE)) {
      throw json.get("mlp_ratio").unexpected("1 to " + Integer.MAX_VALUE + " channels");
    }
    return new StMaskGitConfig(
        json.positive("num_layers"),
        heads,
        dim,
        frames,
        side,
        FactoredVocabulary.read(json),
        (int) hidden,
        new Options(
            json.bool("use_mup", false),
            json.bool("qk_norm", true),
            json.bool("qkv_bias", false),
            json.bool("proj_bias", true),
            json.bool("mlp_bias", true)));
  }

  /** Channels of a head. */
  int headDim() {
    return dim / heads;
  }

  /** Tokens of a frame. */
  int tokens() {
    return side * side;
  }

  /** What products of queries and keys are multiplied with. */
  double attentionScale() {
    return options.mup() ? 8.0 / headDim() : 1 / Math.sqrt(headDim());
  }

  /** What the input of the last layer is multiplied with. */
  double readoutScale() {
    return options.mup() ? (double) MUP_BASE_DIM / dim : 1;
  }
}
