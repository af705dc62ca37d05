package dev.orrery.model.worldplay;

import dev.orrery.model.layers.AttentionPrecision;
import dev.orrery.runtime.checkpoint.JsonValue;

/**
 * Sizes of the diffusion transformer.
 *
 * @param heads attention heads
 * @param headDim channels of a head, a multiple of four
 * @param channels channels of a latent, in and out
 * @param textDim channels of the text encoder's tokens
 * @param freqDim channels of the sinusoids
 * @param ffnDim hidden channels of the feed-forward layers
 * @param layers transformer blocks
 * @param patch rows and columns of a patch
 * @param eps added to variances under the root
 * @param attention what self-attention multiplies queries and keys in
 */
record WorldPlayTransformerConfig(
    int heads,
    int headDim,
    int channels,
    int textDim,
    int freqDim,
    int ffnDim,
    int layers,
    int patch,
    double eps,
    AttentionPrecision attention) {
  private static final String QK_NORM = "rms_norm_across_heads";

  /** The released model, on the backbone of Wan2.2-TI2V-5B. */
  static final WorldPlayTransformerConfig RELEASED =
      new WorldPlayTransformerConfig(24, 128, 48, 4096, 256, 14336, 30, 2, 1e-6);

  /** Sizes of a transformer whose attention is in the type of the activations. */
  WorldPlayTransformerConfig(
      int heads,
      int headDim,
      int channels,
      int textDim,
      int freqDim,
      int ffnDim,
      int layers,
      int patch,
      double eps) {
    this(
        heads,
        headDim,
        channels,
        textDim,
        freqDim,
        ffnDim,
        layers,
        patch,
        eps,
        AttentionPrecision.FLOAT);
  }

  /** The same with another attention. */
  WorldPlayTransformerConfig with(AttentionPrecision other) {
    return new WorldPlayTransformerConfig(
        heads, headDim, channels, textDim, freqDim, ffnDim, layers, patch, eps, other);
  }

  /** Reads the {@code config.json} of a released transformer, as Diffusers writes it. */
  static WorldPlayTransformerConfig read(JsonValue json) {
    int headDim = json.positive("attention_head_dim");
    // Only these leave pairs of channels to time, rows and columns alike.
    if (headDim % 4 != 0 || headDim / 3 != 2 * (headDim / 6)) {
      throw json.get("attention_head_dim")
          .unexpected("a multiple of four whose third is even when rounded down");
    }
    int[] patch = json.integers("patch_size", 1, 2, 2);
    if (patch.length != 3 || patch[0] != 1 || patch[1] < 1 || patch[1] != patch[2]) {
      throw json.get("patch_size").unexpected("[1, p, p]");
    }
    int channels = json.positive("in_channels");
    if (json.integer("out_channels", channels) != channels) {
      throw json.get("out_channels").unexpected("in_channels = " + channels);
    }
    int freqDim = json.positive("freq_dim");
    if (freqDim % 2 != 0) {
      throw json.get("freq_dim").unexpected("an even number");
    }
    if (!json.bool("cross_attn_norm", true)) {
      throw json.get("cross_attn_norm").unexpected("true");
    }
    if (!json.string("qk_norm", QK_NORM).equals(QK_NORM)) {
      throw json.get("qk_norm").unexpected(QK_NORM);
    }
    for (String absent : new String[] {"image_dim", "added_kv_proj_dim"}) {
      if (json.has(absent)) {
        throw json.get(absent).unexpected("null");
      }
    }
    double eps = json.number("eps", RELEASED.eps);
    if (!(eps > 0)) {
      throw json.get("eps").unexpected("a positive number");
    }
    return new WorldPlayTransformerConfig(
        json.positive("num_attention_heads"),
        headDim,
        channels,
        json.positive("text_dim"),
        freqDim,
        json.positive("ffn_dim"),
        json.positive("num_layers"),
        patch[1],
        eps);
  }

  /** Channels of a token. */
  int dim() {
    return heads * headDim;
  }
}
