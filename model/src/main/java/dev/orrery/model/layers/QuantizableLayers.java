package dev.orrery.model.layers;

import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Which weights of a model family's transformer may be quantised: those of the linear layers inside
 * its blocks, around self-attention and cross-attention and in the feed-forward network. These hold
 * most of its bytes, 86 % in Matrix-Game 2.0. What enters them is normalised, and what they add to
 * the residual stream is one part of many, and so is its error.
 *
 * <p>Everything else stays: embeddings of patches, timesteps, images and text, modulation tables
 * and the head, which every token or the whole output passes through; norms and biases, which are
 * small; action modules, which read the residual stream without a norm and steer all tokens: on the
 * fixtures they would add a third and more to the error of int8, for 13 % of the bytes; and all
 * convolutions.
 */
public enum QuantizableLayers {
  /** Matrix-Game 2.0, in Wan's own names. */
  MATRIX_GAME_2(
      "matrix-game-2",
      "(model\\.)?blocks\\.\\d+\\.((self_attn|cross_attn)\\.[qkvo]|ffn\\.[02])\\.weight"),

  /** WorldPlay-5B, in the names of the diffusers library. */
  WORLDPLAY_WAN5B(
      "worldplay-wan5b",
      "blocks\\.\\d+\\.(attn1\\.to_out_prope\\.0|attn[12]\\.(to_[qkv]|to_out\\.0)"
          + "|ffn\\.net\\.(0\\.proj|2))\\.weight");

  private final String family;
  private final Pattern names;

  QuantizableLayers(String family, String names) {
    this.family = family;
    this.names = Pattern.compile(names);
  }

  /** The rule of a model family as {@code config.json} names it; empty for an unknown one. */
  public static Optional<QuantizableLayers> ofFamily(String family) {
    return Arrays.stream(values()).filter(rule -> rule.family.equals(family)).findFirst();
  }

  /** Whether a tensor of the transformer's checkpoint may be quantised. */
  public boolean include(String name) {
    return names.matcher(name).matches();
  }
}
