package dev.orrery.model.clip;

import dev.orrery.kernels.linear.Activation;
import dev.orrery.model.layers.AffineLayerNorm;
import dev.orrery.model.layers.FeedForward;
import dev.orrery.model.layers.Linear;
import dev.orrery.model.layers.Parameters;
import dev.orrery.model.layers.PreNormBlock;
import dev.orrery.model.layers.SelfAttention;

/** A transformer block of the image encoder, whose MLP has an exact GELU. */
final class ImageEncoderBlock {
  private static final double EPS = 1e-5;

  private ImageEncoderBlock() {}

  static PreNormBlock of(Parameters p, ImageEncoderConfig config) {
    int dim = config.dim();
    int hidden = ImageEncoderConfig.MLP_RATIO * dim;
    return new PreNormBlock(
        new AffineLayerNorm(p.at("norm1"), dim, EPS),
        new SelfAttention(
            p,
            Linear.of(p.at("attn.to_qkv"), dim, 3 * dim),
            Linear.of(p.at("attn.proj"), dim, dim),
            config.heads()),
        new AffineLayerNorm(p.at("norm2"), dim, EPS),
        FeedForward.of(p.at("mlp.0"), p.at("mlp.2"), Activation.GELU_ERF, dim, hidden, dim));
  }
}
