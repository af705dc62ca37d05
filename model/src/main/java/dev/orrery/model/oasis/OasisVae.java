package dev.orrery.model.oasis;

import dev.orrery.kernels.elementwise.Convert;
import dev.orrery.kernels.layout.PatchOrder;
import dev.orrery.kernels.layout.Unpatchify;
import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.layers.AffineLayerNorm;
import dev.orrery.model.layers.FeedForward;
import dev.orrery.model.layers.Linear;
import dev.orrery.model.layers.Parameters;
import dev.orrery.model.layers.PatchEmbedding;
import dev.orrery.model.layers.PreNormBlock;
import dev.orrery.model.layers.SelfAttention;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.trace.Trace;
import java.util.ArrayList;
import java.util.List;

/**
 * The autoencoder of images, a vision transformer both ways: every patch of an image is one pixel
 * of a latent.
 *
 * <pre>
 * image [Y, X, 3] ─ patches ─ Linear ─ blocks ─ LN ─ Linear ─ mean [h, w, c] and log-variance
 * latent [h, w, c] ─ Linear ─ blocks ─ LN ─ Linear ─ patches ─ image [Y, X, 3]
 * </pre>
 *
 * <p>Images are in [-1, 1], those that were decoded nominally so. Latents are as the encoder gives
 * them, without the scale that the transformer expects.
 *
 * <p>Source: {@code AutoencoderKL} in open-oasis' {@code vae.py}.
 */
final class OasisVae {
  private static final double EPS = 1e-6;
  private static final int COLOURS = 3;

  /** Of four pairs of channels, one turns with the row, one with the column, two not at all. */
  private static final int CHANNELS_FOR_A_FREQUENCY = 8;

  private final OasisVaeConfig config;
  private final DType activations;
  private final PatchEmbedding patchEmbedding;
  private final Tensor encoderRotary;
  private final List<PreNormBlock> encoder = new ArrayList<>();
  private final AffineLayerNorm encoderNorm;
  private final Linear mean;
  private final Linear logVariance;
  private final Linear postQuantConv;
  private final Tensor decoderRotary;
  private final List<PreNormBlock> decoder = new ArrayList<>();
  private final AffineLayerNorm decoderNorm;
  private final Linear predictor;
  private final Unpatchify unpatchify;
  private final Convert convert;

  OasisVae(Parameters p, OasisVaeConfig config) {
    this.config = config;
    activations = p.activations();
    OasisVaeConfig.Blocks enc = config.encoder();
    OasisVaeConfig.Blocks dec = config.decoder();
    int patch = config.patch();
    int channels = config.channels();
    patchEmbedding =
        new PatchEmbedding(p.at("patch_embed.proj"), true, enc.dim(), COLOURS, patch, patch);
    encoderRotary = rotary(p, enc);
    for (int i = 0; i < enc.layers(); i++) {
      encoder.add(block(p.at("encoder." + i), enc));
    }
    encoderNorm = new AffineLayerNorm(p.at("enc_norm"), enc.dim(), EPS);
    Linear quantConv = Linear.of(p.at("quant_conv"), enc.dim(), 2 * channels);
    mean = quantConv.outputs(0, channels);
    logVariance = quantConv.outputs(channels, 2 * channels);
    postQuantConv = Linear.of(p.at("post_quant_conv"), channels, dec.dim());
    decoderRotary = rotary(p, dec);
    for (int i = 0; i < dec.layers(); i++) {
      decoder.add(block(p.at("decoder." + i), dec));
    }
    decoderNorm = new AffineLayerNorm(p.at("dec_norm"), dec.dim(), EPS);
    predictor = Linear.of(p.at("predictor"), dec.dim(), COLOURS * patch * patch);
    unpatchify = p.kernel(Unpatchify.class);
    convert = p.kernel(Convert.class);
  }

  private Tensor rotary(Parameters p, OasisVaeConfig.Blocks blocks) {
    int frequencies = blocks.headDim() / CHANNELS_FOR_A_FREQUENCY;
    float[] table =
        OasisRotary.grid(
            config.rows(),
            config.columns(),
            OasisRotary.pixelFrequencies(config.tokens(), frequencies));
    return p.constant(table).reshape(config.tokens(), 2L * frequencies, 2);
  }

  private static PreNormBlock block(Parameters p, OasisVaeConfig.Blocks sizes) {
    int dim = sizes.dim();
    return new PreNormBlock(
        new AffineLayerNorm(p.at("norm1"), dim, EPS),
        new SelfAttention(
            p,
            Linear.of(p.at("attn.qkv"), dim, 3 * dim),
            Linear.of(p.at("attn.proj"), dim, dim),
            sizes.heads()),
        new AffineLayerNorm(p.at("norm2"), dim, EPS),
        FeedForward.of(
            p.at("mlp.fc1"), p.at("mlp.fc2"), Activation.GELU_ERF, dim, sizes.hidden(), dim));
  }

  /**
   * What the encoder says about an image.
   *
   * @param mean the latent, {@code [h, w, c]}, fp32
   * @param logVariance how sure it is, {@code [h, w, c]}, fp32, not yet clamped to [-30, 20]; null
   *     if nobody wants to know, as while playing
   */
  record Posterior(Tensor mean, Tensor logVariance) {}

  /**
   * Encodes an image.
   *
   * @param image {@code [Y, X, 3]} in [-1, 1]
   * @param out what is written
   */
  void encode(Tensor image, Workspace workspace, Posterior out, Trace trace) {
    try (Workspace.Frame frame = workspace.frame()) {
      Tensor pixels = image.reshape(1, config.height(), config.width(), COLOURS);
      Tensor x = patchEmbedding.forward(List.of(pixels), frame);
      trace.tap("patch_embed", x);
      trace.tap("enc_rotary", encoderRotary);
      for (int i = 0; i < encoder.size(); i++) {
        encoder.get(i).forward(x, encoderRotary, frame, trace.at("encoder" + i));
      }
      encoderNorm.into(x, x);
      trace.tap("enc_norm", x);
      moments(mean, x, out.mean(), frame);
      if (out.logVariance() != null) {
        moments(logVariance, x, out.logVariance(), frame);
      }
    }
  }

  private void moments(Linear layer, Tensor x, Tensor out, Workspace.Frame outer) {
    try (Workspace.Frame frame = outer.inner()) {
      convert.run(layer.forward(x, frame), out.reshape(config.tokens(), config.channels()));
    }
  }

  /**
   * Decodes a latent.
   *
   * @param latent {@code [h, w, c]}, fp32
   * @param image {@code [Y, X, 3]}, nominally in [-1, 1]
   */
  void decode(Tensor latent, Workspace workspace, Tensor image, Trace trace) {
    try (Workspace.Frame frame = workspace.frame()) {
      Tensor z = frame.empty(activations, config.tokens(), config.channels());
      convert.run(latent.reshape(config.tokens(), config.channels()), z);
      Tensor x = postQuantConv.forward(z, frame);
      trace.tap("post_quant_conv", x);
      trace.tap("dec_rotary", decoderRotary);
      for (int i = 0; i < decoder.size(); i++) {
        decoder.get(i).forward(x, decoderRotary, frame, trace.at("decoder" + i));
      }
      decoderNorm.into(x, x);
      trace.tap("dec_norm", x);
      Tensor patches = predictor.forward(x, frame);
      trace.tap("predictor", patches);
      unpatchify.run(
          patches,
          config.patch(),
          PatchOrder.CHANNEL_SLOWEST,
          image.reshape(1, config.height(), config.width(), COLOURS));
    }
  }
}
