package dev.orrery.model.clip;

import dev.orrery.kernels.attention.Visibility;
import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.layers.AffineLayerNorm;
import dev.orrery.model.layers.FeedForward;
import dev.orrery.model.layers.Linear;
import dev.orrery.model.layers.Parameters;
import dev.orrery.model.layers.PreNormBlock;
import dev.orrery.model.layers.SelfAttention;

/** Under which names and in which shapes checkpoints store the same towers. */
enum TowerNames {
  /** Those of Wan 2.1's {@code clip.py}. */
  WAN("patch_embedding", "pre_norm", "transformer.") {
    @Override
    Tensor classToken(Parameters p, int dim) {
      return p.likeActivations("cls_embedding", 1, 1, dim).reshape(1, dim);
    }

    @Override
    Tensor positions(Parameters p, int tokens, int dim) {
      return p.likeActivations("pos_embedding", 1, tokens, dim).reshape(tokens, dim);
    }

    @Override
    PreNormBlock block(Parameters p, int dim, int heads, Visibility visibility) {
      return new PreNormBlock(
          new AffineLayerNorm(p.at("norm1"), dim, EPS),
          new SelfAttention(
              p,
              SelfAttention.Inputs.of(Linear.of(p.at("attn.to_qkv"), dim, 3 * dim)),
              Linear.of(p.at("attn.proj"), dim, dim),
              heads,
              visibility),
          new AffineLayerNorm(p.at("norm2"), dim, EPS),
          mlp(p.at("mlp.0"), p.at("mlp.2"), dim));
    }
  },

  /** Those of OpenCLIP, whose attention is PyTorch's {@code MultiheadAttention}. */
  OPEN_CLIP("conv1", "ln_pre", "transformer.resblocks.") {
    @Override
    Tensor classToken(Parameters p, int dim) {
      return p.likeActivations("class_embedding", dim).reshape(1, dim);
    }

    @Override
    Tensor positions(Parameters p, int tokens, int dim) {
      return p.likeActivations("positional_embedding", tokens, dim);
    }

    @Override
    PreNormBlock block(Parameters p, int dim, int heads, Visibility visibility) {
      return new PreNormBlock(
          new AffineLayerNorm(p.at("ln_1"), dim, EPS),
          new SelfAttention(
              p,
              SelfAttention.Inputs.of(Linear.attentionInputs(p.at("attn"), dim)),
              Linear.of(p.at("attn.out_proj"), dim, dim),
              heads,
              visibility),
          new AffineLayerNorm(p.at("ln_2"), dim, EPS),
          mlp(p.at("mlp.c_fc"), p.at("mlp.c_proj"), dim));
    }
  };

  static final double EPS = 1e-5;

  /** Hidden channels of an MLP as a multiple of those of a token. */
  private static final int MLP_RATIO = 4;

  private final String patchEmbedding;
  private final String preNorm;
  private final String blocks;

  TowerNames(String patchEmbedding, String preNorm, String blocks) {
    this.patchEmbedding = patchEmbedding;
    this.preNorm = preNorm;
    this.blocks = blocks;
  }

  /** The convolution that makes tokens of patches. */
  String patchEmbedding() {
    return patchEmbedding;
  }

  /** The norm before the first block. */
  String preNorm() {
    return preNorm;
  }

  /** The token before those of the patches, {@code [1, C]}. */
  abstract Tensor classToken(Parameters p, int dim);

  /** What is added to the tokens, {@code [T, C]}. */
  abstract Tensor positions(Parameters p, int tokens, int dim);

  /** A block of the tower at {@code p}. */
  PreNormBlock block(Parameters p, int index, int dim, int heads, Visibility visibility) {
    return block(p.at(blocks + index), dim, heads, visibility);
  }

  abstract PreNormBlock block(Parameters p, int dim, int heads, Visibility visibility);

  private static FeedForward mlp(Parameters first, Parameters second, int dim) {
    return FeedForward.of(first, second, Activation.GELU_ERF, dim, MLP_RATIO * dim, dim);
  }
}
