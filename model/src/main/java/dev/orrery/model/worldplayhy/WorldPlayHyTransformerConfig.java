package dev.orrery.model.worldplayhy;

import dev.orrery.kernels.position.RotaryTable.AxisPairs;
import dev.orrery.model.layers.AttentionPrecision;
import dev.orrery.runtime.checkpoint.JsonValue;

/**
 * Sizes of the diffusion transformer.
 *
 * @param heads attention heads
 * @param headDim channels of a head, a multiple of four
 * @param channels channels of a latent, in and out
 * @param hiddenRatio hidden channels of an MLP for each channel of a token
 * @param layers transformer blocks
 * @param rotary pairs of channels that turn with frame, row and column; together those of a head
 * @param rotaryTheta base of the rotary frequencies
 * @param states channels of the encoders' states
 * @param attention what self-attention of the video multiplies queries and keys in
 */
record WorldPlayHyTransformerConfig(
    int heads,
    int headDim,
    int channels,
    int hiddenRatio,
    int layers,
    AxisPairs rotary,
    double rotaryTheta,
    StateChannels states,
    AttentionPrecision attention) {
  /** Added to variances and mean squares under the root. */
  static final double EPS = 1e-6;

  /** The same in the norms around the glyph and vision states. */
  static final double STATES_EPS = 1e-5;

  /** Channels of the sinusoids. */
  static final int FREQ_DIM = 256;

  /** Blocks of the text refiner. */
  static final int REFINER_BLOCKS = 2;

  /**
   * What the encoders give.
   *
   * @param text channels of a text token
   * @param vision channels of a token of the picture
   * @param glyph channels of a token of quoted text
   * @param glyphHidden channels between the layers that take the latter
   */
  record StateChannels(int text, int vision, int glyph, int glyphHidden) {}

  /** The released model, on the trunk of HunyuanVideo-1.5. */
  static final WorldPlayHyTransformerConfig RELEASED =
      new WorldPlayHyTransformerConfig(
          16,
          128,
          32,
          4,
          54,
          new AxisPairs(8, 28, 28),
          256,
          new StateChannels(3584, 1152, 1472, 2048));

  /** Sizes of a transformer whose attention is in the type of the activations. */
  WorldPlayHyTransformerConfig(
      int heads,
      int headDim,
      int channels,
      int hiddenRatio,
      int layers,
      AxisPairs rotary,
      double rotaryTheta,
      StateChannels states) {
    this(
        heads,
        headDim,
        channels,
        hiddenRatio,
        layers,
        rotary,
        rotaryTheta,
        states,
        AttentionPrecision.FLOAT);
  }

  /** The same with another attention. */
  WorldPlayHyTransformerConfig with(AttentionPrecision other) {
    return new WorldPlayHyTransformerConfig(
        heads, headDim, channels, hiddenRatio, layers, rotary, rotaryTheta, states, other);
  }

  /** Reads the {@code config.json} of a released transformer. */
  static WorldPlayHyTransformerConfig read(JsonValue json) {
    requireVariant(json);
    int heads = json.positive("heads_num");
    int dim = json.positive("hidden_size");
    if (dim % heads != 0 || dim / heads % 4 != 0) {
      throw json.get("hidden_size").unexpected("heads_num = " + heads + " heads of 4n channels");
    }
    int channels = json.positive("in_channels");
    if (json.integer("out_channels", channels) != channels) {
      throw json.get("out_channels").unexpected("in_channels = " + channels);
    }
    double ratio = json.number("mlp_width_ratio", RELEASED.hiddenRatio);
    if (ratio < 1 || ratio != Math.rint(ratio) || ratio > 64) {
      throw json.get("mlp_width_ratio").unexpected("a whole number from 1 to 64");
    }
    double theta = json.number("rope_theta", RELEASED.rotaryTheta);
    if (!(theta > 1)) {
      throw json.get("rope_theta").unexpected("a number above 1");
    }
    StateChannels released = RELEASED.states;
    return new WorldPlayHyTransformerConfig(
        heads,
        dim / heads,
        channels,
        (int) ratio,
        json.positive("mm_double_blocks_depth"),
        rotary(json, dim / heads),
        theta,
        new StateChannels(
            json.positive("text_states_dim"),
            json.has("vision_states_dim") ? json.positive("vision_states_dim") : released.vision,
            json.has("byt5_dim") ? json.positive("byt5_dim") : released.glyph,
            json.has("byt5_hidden") ? json.positive("byt5_hidden") : released.glyphHidden));
  }

  private static AxisPairs rotary(JsonValue json, int headDim) {
    int[] channels = json.integers("rope_dim_list");
    boolean fits = channels.length == 3;
    int sum = 0;
    for (int axis : channels) {
      fits &= axis > 0 && axis % 2 == 0;
      sum += axis;
    }
    if (!fits || sum != headDim) {
      throw json.get("rope_dim_list")
          .unexpected("even channels of frame, row and column, together " + headDim);
    }
    return new AxisPairs(channels[0] / 2, channels[1] / 2, channels[2] / 2);
  }

  /** Refuses what the same repository's code could be besides. */
  private static void requireVariant(JsonValue json) {
    if (json.integer("mm_single_blocks_depth", 0) != 0) {
      throw json.get("mm_single_blocks_depth").unexpected("0");
    }
    for (int side : json.integers("patch_size", 1, 1, 1)) {
      if (side != 1) {
        throw json.get("patch_size").unexpected("[1, 1, 1]");
      }
    }
    for (String set :
        new String[] {
          "concat_condition", "qkv_bias", "qk_norm", "glyph_byT5_v2", "use_cond_type_embedding"
        }) {
      if (!json.bool(set, true)) {
        throw json.get(set).unexpected("true");
      }
    }
    for (String absent : new String[] {"guidance_embed", "use_meanflow"}) {
      if (json.bool(absent, false)) {
        throw json.get(absent).unexpected("false");
      }
    }
    requireWord(json, "text_projection", "single_refiner");
    requireWord(json, "vision_projection", "linear");
    requireWord(json, "qk_norm_type", "rms");
  }

  private static void requireWord(JsonValue json, String key, String expected) {
    if (!json.string(key, expected).equals(expected)) {
      throw json.get(key).unexpected(expected);
    }
  }

  /** Channels of a token. */
  int dim() {
    return heads * headDim;
  }

  /** Hidden channels of an MLP. */
  int hidden() {
    return hiddenRatio * dim();
  }
}
