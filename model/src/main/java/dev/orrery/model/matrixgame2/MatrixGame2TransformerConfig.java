package dev.orrery.model.matrixgame2;

import dev.orrery.model.layers.AttentionPrecision;
import dev.orrery.runtime.checkpoint.JsonValue;
import java.util.List;

/**
 * Sizes of the diffusion transformer.
 *
 * @param dim channels of a token
 * @param ffnDim hidden channels of the feed-forward layers
 * @param freqDim channels of the timestep sinusoid
 * @param heads attention heads
 * @param layers transformer blocks
 * @param inDim channels of the noisy latents and the condition together
 * @param outDim channels of the velocity, those of a latent
 * @param imageDim channels of the image encoder's tokens
 * @param eps added to variances under the root
 * @param patch rows and columns of a patch
 * @param localAttnSize latent frames a query sees, its own block included
 * @param sinkSize latent frames at the start that are never forgotten
 * @param action the action modules
 * @param attention what self-attention multiplies queries and keys in
 */
record MatrixGame2TransformerConfig(
    int dim,
    int ffnDim,
    int freqDim,
    int heads,
    int layers,
    int inDim,
    int outDim,
    int imageDim,
    double eps,
    int patch,
    int localAttnSize,
    int sinkSize,
    ActionConfig action,
    AttentionPrecision attention) {

  /**
   * Channels of the image encoder of the released models, which their configurations do not name.
   */
  private static final int RELEASED_IMAGE_DIM = 1280;

  /** Positions that the reference's rotary table has. */
  private static final int MAX_WINDOW = 1024;

  /** Reads a released {@code config.json}, or an object with the same keys. */
  static MatrixGame2TransformerConfig read(JsonValue json) {
    int dim = json.positive("dim");
    int heads = json.positive("num_heads");
    if (dim % heads != 0 || dim / heads % 2 != 0) {
      throw json.get("num_heads")
          .unexpected("a divisor of dim = " + dim + " that leaves even heads");
    }
    int[] patch = json.integers("patch_size", 1, 2, 2);
    if (patch.length != 3 || patch[0] != 1 || patch[1] < 1 || patch[1] != patch[2]) {
      throw json.get("patch_size").unexpected("[1, p, p]");
    }
    if (!json.string("model_type", "i2v").equals("i2v")) {
      throw json.get("model_type").unexpected("i2v");
    }
    for (String norm : List.of("qk_norm", "cross_attn_norm")) {
      if (!json.bool(norm, true)) {
        throw json.get(norm).unexpected("true");
      }
    }
    double eps = json.number("eps", 1e-6);
    if (!(eps > 0)) {
      throw json.get("eps").unexpected("a positive number");
    }
    int freqDim = json.positive("freq_dim");
    if (freqDim % 2 != 0) {
      throw json.get("freq_dim").unexpected("an even number");
    }
    int window = json.positive("local_attn_size");
    if (window > MAX_WINDOW) {
      throw json.get("local_attn_size").unexpected("at most " + MAX_WINDOW + " latent frames");
    }
    int sink = json.integer("sink_size", 0);
    if (sink < 0 || sink >= window) {
      throw json.get("sink_size").unexpected("0 or more and less than local_attn_size");
    }
    ActionConfig action = ActionConfig.read(json.get("action_config"), dim);
    int layers = json.positive("num_layers");
    if (action.blocks().stream().anyMatch(block -> block < 0 || block >= layers)) {
      throw json.get("action_config").get("blocks").unexpected("blocks from 0 to " + (layers - 1));
    }
    return new MatrixGame2TransformerConfig(
        dim,
        json.positive("ffn_dim"),
        freqDim,
        heads,
        layers,
        json.positive("in_dim"),
        json.positive("out_dim"),
        json.integer("img_dim", RELEASED_IMAGE_DIM),
        eps,
        patch[1],
        window,
        sink,
        action,
        AttentionPrecision.FLOAT);
  }

  /** The same with another attention. */
  MatrixGame2TransformerConfig with(AttentionPrecision other) {
    return new MatrixGame2TransformerConfig(
        dim,
        ffnDim,
        freqDim,
        heads,
        layers,
        inDim,
        outDim,
        imageDim,
        eps,
        patch,
        localAttnSize,
        sinkSize,
        action,
        other);
  }

  /** Channels of a head. */
  int headDim() {
    return dim / heads;
  }

  /**
   * Channels of the mask that is part of the condition, one for each video frame of a latent frame.
   */
  int maskChannels() {
    return inDim - 2 * outDim;
  }
}
