package dev.orrery.model.vid2world;

import dev.orrery.kernels.elementwise.Convert;
import dev.orrery.kernels.layout.AppendColumns;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.layers.AffineGroupNorm;
import dev.orrery.model.layers.PaddedConv;
import dev.orrery.model.layers.Parameters;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.trace.Trace;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * The causal U-Net: from the noisy latents of a window, the noise levels and actions of its frames,
 * its first frame and a prompt to the velocity (v-prediction).
 *
 * <pre>
 * latents [F, y, x, 4], first frame [1, y, x, 4] of each ─ conv ─ init_attn ─┐ skip
 *   levels down: blocks of UnetResBlock, SpatialTransformer, TemporalTransformer, halved ─ skips
 *   middle: UnetResBlock, SpatialTransformer, TemporalTransformer, UnetResBlock
 *   levels up: the same blocks, each with a skip appended to its channels, doubled
 *   GN, SiLU ─ conv of each row and the two above it ─ velocity [F, y, x, 4]
 * </pre>
 *
 * <p>A frame never attends to a later one, and convolutions over time see earlier frames only. Yet
 * the group norms of the temporal parts look at the whole window, so what is computed for a frame
 * changes with later frames. That is why nothing is kept from pass to pass.
 *
 * <p>The reference hands its flag for causality to the last convolution as well, where it makes
 * rows causal instead of frames; the released weights were trained so.
 *
 * <p>Source: {@code UNetModel} of DynamiCrafter's {@code openaimodel3d.py} with the causal layers
 * of Vid2World.
 */
final class VideoUnet {
  /**
   * Names of the weights that may be quantised: those of the linear layers of attentions and
   * feed-forward networks of the transformers' blocks. Convolutions, embeddings, the projections
   * around the blocks and biases stay.
   */
  static final Predicate<String> QUANTIZABLE =
      Pattern.compile(
              ".*\\.transformer_blocks\\.0\\."
                  + "(attn[12]\\.to_(q|k|v|k_ip|v_ip|out\\.0)|ff\\.net\\.(0\\.proj|2))\\.weight")
          .asMatchPredicate();

  private static final int INIT_HEADS = 8;

  private final UnetConfig config;
  private final DType activations;
  private final Tensor zeros;
  private final UnetEmbedding embedding;
  private final PaddedConv convIn;
  private final UnetLayer initAttention;
  private final List<List<UnetLayer>> inputBlocks = new ArrayList<>();
  private final List<UnetLayer> middle;
  private final List<List<UnetLayer>> outputBlocks = new ArrayList<>();
  private final AffineGroupNorm normOut;
  private final PaddedConv convOut;
  private final Convert convert;
  private final AppendColumns append;

  VideoUnet(Parameters p, UnetConfig config) {
    this.config = config;
    activations = p.activations();
    zeros = p.zeros(config.historyElements());
    embedding = new UnetEmbedding(p.beside(DType.F32), config);
    int base = config.baseChannels();
    convIn = PaddedConv.of(p.at("input_blocks.0.0"), 2 * UnetConfig.LATENT_CHANNELS, base);
    initAttention =
        TemporalTransformer.ofHeads(p.at("init_attn.0"), base, INIT_HEADS, config.headDim());
    UnetBlocks blocks = new UnetBlocks(p, config);
    Deque<Integer> skips = new ArrayDeque<>();
    skips.push(base);
    blocks.down(skips, inputBlocks);
    middle = blocks.middle();
    blocks.up(skips, outputBlocks);
    normOut = UnetResBlock.norm(p.at("out.0"), config.channels(0));
    convOut =
        PaddedConv.lookingUp(p.at("out.2.conv2d"), config.channels(0), UnetConfig.LATENT_CHANNELS);
    convert = p.kernel(Convert.class);
    append = p.kernel(AppendColumns.class);
  }

  /** Dtype of contexts. */
  DType activations() {
    return activations;
  }

  /**
   * Predicts the velocity of all frames of a window.
   *
   * @param latents {@code [F, y, x, 4]}, fp32
   * @param first the clean latent of the window's first frame, {@code [1, y, x, 4]}, fp32
   * @param frames what is said of each frame
   * @param context what all of them attend to
   * @param velocity {@code [F, y, x, 4]}, fp32
   */
  void forward(
      Tensor latents,
      Tensor first,
      UnetFrames frames,
      UnetContext context,
      Workspace workspace,
      Tensor velocity,
      Trace trace) {
    try (Workspace.Frame frame = workspace.frame()) {
      UnetPass pass = new UnetPass(frames.count(), told(frames, frame, trace), context, zeros);
      Deque<Tensor> skips = new ArrayDeque<>();
      Tensor x = convIn.forward(beside(latents, first, frame), frame);
      trace.tap("input_block0", x);
      x = initAttention.forward(x, pass, frame);
      trace.tap("init_attn", x);
      skips.push(x);
      for (int i = 0; i < inputBlocks.size(); i++) {
        x = run(inputBlocks.get(i), x, pass, frame);
        trace.tap("input_block" + (i + 1), x);
        skips.push(x);
      }
      x = run(middle, x, pass, frame);
      trace.tap("middle_block", x);
      for (int i = 0; i < outputBlocks.size(); i++) {
        x = run(outputBlocks.get(i), appended(x, skips.pop(), frame), pass, frame);
        trace.tap("output_block" + i, x);
      }
      normOut.into(x, x);
      convert.run(convOut.forward(x, frame), velocity);
    }
    trace.tap("v", velocity);
  }

  private static Tensor run(
      List<UnetLayer> layers, Tensor x, UnetPass pass, Workspace.Frame frame) {
    Tensor out = x;
    for (UnetLayer layer : layers) {
      out = layer.forward(out, pass, frame);
    }
    return out;
  }

  /** What blocks are told, in the dtype of the activations. */
  private Tensor told(UnetFrames frames, Workspace.Frame outer, Trace trace) {
    Tensor out = outer.empty(activations, frames.count(), config.embeddingDim());
    try (Workspace.Frame frame = outer.inner()) {
      convert.run(embedding.forward(frames, frame, trace), out);
    }
    return out;
  }

  /** The channels of the first frame appended to those of each, in the dtype of activations. */
  private Tensor beside(Tensor latents, Tensor first, Workspace.Frame outer) {
    int channels = latents.size(3);
    Tensor out =
        outer.empty(activations, latents.size(0), latents.size(1), latents.size(2), 2L * channels);
    try (Workspace.Frame frame = outer.inner()) {
      Tensor x = frame.empty(activations, latents.shape().extents());
      convert.run(latents, x);
      Tensor condition = frame.empty(activations, first.shape().extents());
      convert.run(first, condition);
      for (int i = 0; i < latents.size(0); i++) {
        append.run(
            UnetLayer.tokens(x.slice(i, i + 1)),
            UnetLayer.tokens(condition),
            UnetLayer.tokens(out.slice(i, i + 1)));
      }
    }
    return out;
  }

  private Tensor appended(Tensor x, Tensor skip, Workspace.Frame frame) {
    Tensor out = frame.like(x, x.size(0), x.size(1), x.size(2), (long) x.size(3) + skip.size(3));
    append.run(UnetLayer.tokens(x), UnetLayer.tokens(skip), UnetLayer.tokens(out));
    return out;
  }
}
